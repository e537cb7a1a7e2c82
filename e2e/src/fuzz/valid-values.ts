// A value that the schema of a field takes, with a meaning where the field's name tells it. Made
// from the protocol's own tables, so that an op that is new tomorrow is fuzzed tomorrow.
import { Pickled, Serialized, type Shape } from "@acme/protocol";
import { validGraph } from "./valid-graph.js";
import type { Making } from "./vocabulary.js";

type Maker = (making: Making) => unknown;

/** Fields of which the name says more than the schema does. */
const byName: Readonly<Record<string, Maker>> = {
  client: (making) => making.names.client(making),
  address: (making) => making.names.address(making),
  worker: (making) => making.names.address(making),
  workers: (making) => some(making, 3, () => making.names.address(making)),
  hosts: (making) => some(making, 2, () => "127.0.0.1"),
  nanny: ({ random }) => (random.chance(0.5) ? null : "tcp://127.0.0.1:1"),
  name: (making) => making.names.fresh("name"),
  topic: (making) => making.names.topic(making),
  stimulus_id: (making) => making.names.fresh("stimulus"),
  nthreads: ({ random }) => random.whole(1, 3),
  memory_limit: () => 1e9,
  nbytes: ({ random }) => random.below(2_000),
  status: ({ random }) => (random.chance(0.8) ? "running" : "paused"),
  n_workers: ({ random }) => random.whole(-1, 3),
  n: ({ random }) => random.below(3),
  extra: ({ random }) =>
    random.chance(0.8)
      ? new Map<string, unknown>([
          ["lang", "js"],
          ["acme", 1],
        ])
      : new Map(),
  acme: ({ random }) => random.below(2),
  timeout: ({ random }) => (random.chance(0.5) ? "50 ms" : 0.05),
  msg: ({ random }) => ({ op: random.pick(["identity", "versions", "keys", "nothing"]) }),
  startstops: ({ random }) => [
    new Map<string, unknown>([
      ["action", "compute"],
      ["start", 1000],
      ["stop", 1000 + random.next()],
    ]),
  ],
  metrics: () => new Map([["cpu", 1]]),
  resources: ({ random }) => new Map(random.chance(0.2) ? [["GPU", 1]] : []),
  graph: (making) => validGraph(making),
  server_id: (making) => making.names.fresh("server"),
  on_error: ({ random }) => random.pick(["raise", "return", "ignore"]),
};

/** A message of an op with every field that it needs, and some that it may have. */
export function validMessage(
  op: string,
  shapes: Readonly<Record<string, Shape>>,
  making: Making,
): Map<unknown, unknown> {
  const made = Object.entries({ op, ...fields(shapes, making) });
  const message = new Map<unknown, unknown>(made);
  if ("run_id" in shapes && making.flights.length > 0 && making.random.chance(0.85)) {
    const flight = making.random.pick(making.flights);
    message.set("key", flight.key).set("run_id", flight.runId);
  }
  return message;
}

function fields(shapes: Readonly<Record<string, Shape>>, making: Making): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const isLeftOut = shape.type === "optional" && !isUsual(name, making);
    if (!isLeftOut) made[name] = validValue(shape, name, making);
  }
  return made;
}

/** What makes a message mean something is seldom left out. */
function isUsual(name: string, { random }: Making): boolean {
  return random.chance(name === "graph" || name === "timeout" ? 0.95 : 0.4);
}

function validValue(shape: Shape, name: string, making: Making): unknown {
  const { random } = making;
  if (shape.type === "optional") return validValue(shape.of, name, making);
  const named = Object.hasOwn(byName, name) ? byName[name] : undefined;
  if (named !== undefined && fits(shape, name)) return named(making);
  switch (shape.type) {
    case "text":
      return making.names.template(making);
    case "boolean":
      return random.chance(0.5);
    case "integer":
      return random.below(4);
    case "number":
      return random.chance(0.5) ? random.below(4) : random.next();
    case "bytes":
      return Uint8Array.of(1, 2, 3);
    case "key":
      return making.names.key(making);
    case "payload":
      return random.chance(0.9) ? payload() : Pickled.of(Uint8Array.of(0x80, 5, 0x4e, 0x2e));
    case "serialized":
      return payload();
    case "literal":
      return random.pick(shape.allowed);
    case "nullable":
      return random.chance(0.3) ? null : validValue(shape.of, name, making);
    case "list":
      return some(making, 4, () => validValue(shape.of, "", making));
    case "map":
      return new Map(
        some(making, 3, () => [
          validValue(shape.key, "", making),
          validValue(shape.of, name === "who_has" ? "workers" : "", making),
        ]) as [unknown, unknown][],
      );
    case "record":
      return fields(shape.fields, making);
    case "either":
      return validValue(random.chance(0.5) ? shape.first : shape.second, name, making);
    case "anything":
      return random.pick<unknown>([null, 1, "text", [1, "two"], new Map([["a", 1]])]);
    default:
      throw new Error(`a shape of an unknown type: ${JSON.stringify(shape)}`);
  }
}

/** A number of bytes here is a table of them elsewhere. */
function fits(shape: Shape, name: string): boolean {
  if (name === "nbytes" || name === "n") return shape.type === "integer";
  if (name === "topic" || name === "worker") return shape.type !== "map";
  return true;
}

const payload = (): Serialized => Serialized.acme([Uint8Array.of(0x93, 1, 2, 3)]);

function some<T>({ random }: Making, most: number, make: () => T): T[] {
  return Array.from({ length: random.below(most + 1) }, make);
}
