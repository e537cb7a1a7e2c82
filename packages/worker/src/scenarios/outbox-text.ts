// What a step put out, as lines of text: for scenarios, so only what matters to a reader.
// Changes nothing in the outbox, and nothing is parsed again.
import type { WorkerToScheduler } from "@acme/protocol";
import type { ExecOrder, Outbox, StoreOrder } from "../core/outbox.js";

/** One line per order, message and reply, in the order in which they are done. */
export function outboxLines(out: Outbox): string[] {
  return [
    ...out.store.map(storeLine),
    ...out.exec.map(execLine),
    ...out.fetch.map((one) => `fetch #${one.fetchId} from ${one.peer}: ${one.keys.join(" ")}`),
    ...out.toScheduler.map((message) => `> ${messageLine(message)}`),
    ...out.calls.map((call) => `call ${call.op} executing=${text(call.executing)}`),
    ...out.replies.map(({ requestId, reply }) => `reply ${requestId} ${text(reply)}`),
    ...(out.reconnect ? ["reconnect"] : []),
    ...(out.collectGarbage ? ["collect garbage"] : []),
    ...out.log.map(({ level, message }) => `log ${level}: ${message}`),
    ...(out.left === null ? [] : [`left: ${out.left.reason}, exit code ${out.left.exitCode}`]),
  ];
}

function storeLine(order: StoreOrder): string {
  if (order.type === "keep") return `keep ${order.key} from ${order.source} ${order.id}`;
  if (order.type === "serve") return `serve ${order.requestId}: ${order.keys.join(" ")}`;
  return `${order.type} ${order.key}`;
}

function execLine(order: ExecOrder): string {
  if (order.type !== "execute") {
    return `${order.type} ${"orderId" in order ? `#${order.orderId}` : order.template}`;
  }
  const words = [`execute #${order.orderId} ${order.key} slot=${order.slot}`];
  if (order.dependencies.length > 0) words.push(`inputs=${order.dependencies.join(",")}`);
  if (order.executor === "process") words.push("in its own process");
  if (order.isolate) words.push("isolated");
  return words.join(" ");
}

const hidden = new Set([
  "op",
  "stimulus_id",
  "startstops",
  "metadata",
  "type",
  "typename",
  "thread",
  "exception",
  "traceback",
  "traceback_text",
  "result",
]);

function messageLine(message: WorkerToScheduler): string {
  const fields = Object.entries(message).filter(([name]) => !hidden.has(name));
  const words = fields.map(([name, value]) => `${name}=${text(value)}`);
  if (message.op === "steal-response") words.push(`for=${message.stimulus_id}`);
  if ("result" in message) words.push("with the value");
  return [message.op, ...words].join(" ");
}

function text(value: unknown): string {
  if (value instanceof Map) {
    return `{${[...value].map(([key, one]) => `${text(key)}: ${text(one)}`).join(", ")}}`;
  }
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return `[${value.map(text).join(" ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value)
      .map(([key, one]) => `${key}: ${text(one)}`)
      .join(", ")}}`;
  }
  return String(value);
}
