// The tables of docs/protocol.md that say which fields each op has, made from the schemas. Knows how
// a schema is written down for people, nothing of what ops mean.
import {
  clientToScheduler,
  nannyRequest,
  type Shape,
  schedulerRequest,
  schedulerToClient,
  schedulerToWorker,
  workerRequest,
  workerToScheduler,
} from "@acme/protocol";

interface Direction {
  readonly ops: readonly string[];
  readonly shapes: ReadonlyMap<string, Fields>;
}

/** Heading of the section that explains the ops of one direction, and its schemas. */
export const directions: readonly (readonly [string, Direction])[] = [
  ["Client to scheduler (stream)", clientToScheduler],
  ["Scheduler to client (stream)", schedulerToClient],
  ["Worker to scheduler (stream)", workerToScheduler],
  ["Scheduler to worker (stream)", schedulerToWorker],
  ["Requests to a worker", workerRequest],
  ["Requests to a nanny", nannyRequest],
  ["8. Requests to a scheduler", schedulerRequest],
];

type Fields = Readonly<Record<string, Shape>>;

/** All tables, as they stand in the page. */
export function fieldTables(): string {
  return directions
    .map(([heading, { shapes }]) => {
      const rows = [...shapes].map(([op, fields]) => `| \`${op}\` | ${shownFields(fields)} |`);
      const title = heading.replace(/^\d+\. /, "");
      return [`### Fields: ${title}`, "", "| op | fields |", "| -- | ------ |", ...rows].join("\n");
    })
    .join("\n\n");
}

function shownFields(fields: Fields): string {
  const shown = Object.entries(fields).map(([name, shape]) => {
    const optional = shape.type === "optional";
    return `\`${name}${optional ? "?" : ""}: ${show(optional ? shape.of : shape)}\``;
  });
  return shown.length === 0 ? "–" : shown.join(", ").replaceAll("|", "\\|");
}

const plain: Partial<Record<Shape["type"], string>> = {
  anything: "any",
  text: "str",
  boolean: "bool",
  bytes: "bin",
  integer: "int",
  number: "number",
};

function show(shape: Shape): string {
  switch (shape.type) {
    case "literal":
      return shape.allowed.map((one) => JSON.stringify(one)).join(" | ");
    case "nullable":
      return `${show(shape.of)} | nil`;
    case "optional":
      return `${show(shape.of)}?`;
    case "list":
      return `[${show(shape.of)}]`;
    case "map":
      return `{${show(shape.key)}: ${show(shape.of)}}`;
    case "record":
      return `{${Object.entries(shape.fields)
        .map(([name, field]) => `${name}: ${show(field)}`)
        .join(", ")}}`;
    case "either":
      return `${show(shape.first)} | ${show(shape.second)}`;
    default:
      return plain[shape.type] ?? shape.type;
  }
}
