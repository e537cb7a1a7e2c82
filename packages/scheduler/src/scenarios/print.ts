// Prints what a step put into the outbox, one line per message, in the order of facts.
// For tests alone, so only what matters to a reader; never parsed again.
import { Pickled, Serialized } from "@acme/protocol";
import type { Outbox } from "../core/index.js";

/** Fields that say nothing in a test. */
const silent = new Set(["stimulus_id", "annotations", "span_id", "traceback", "time"]);

export function printOutbox(out: Outbox, names: ReadonlyMap<number, string>): string[] {
  const lines: string[] = [];
  for (const one of out.replies) {
    const text = "error" in one ? `error: ${one.error}` : show(one.reply);
    lines.push(`reply ${one.requestId}: ${text}`);
  }
  for (const [link, messages] of out.links) {
    for (const message of messages) {
      lines.push(`${names.get(link) ?? link} <- ${printMessage(message)}`);
    }
  }
  for (const one of out.transfers) {
    lines.push(`transfer ${one.transferId}: ${one.keys.join(" ")} to ${shorten(one.worker)}`);
  }
  for (const { callId, address, request } of out.calls) {
    const { op, who_has = null, keys = null } = request;
    const what = who_has === null && keys === null ? op : printMessage({ op, who_has, keys });
    lines.push(`call ${callId} ${shorten(address)}: ${what}`);
  }
  for (const { errandId, at, task } of out.errands) {
    const where = `errand ${errandId} at ${shorten(at ?? "helper")}`;
    if (task.type === "unfold") lines.push(`${where}: unfold for ${task.client}`);
    else {
      const { planId, workers, aligned } = task.plan;
      const among = workers.map(shorten).join(" ");
      lines.push(`${where}: plan ${planId}: ${among} aligned with ${aligned.length}`);
    }
  }
  for (const errandId of out.abandoned) lines.push(`abandon errand ${errandId}`);
  if (out.asksHelper) lines.push("helper, which dask?");
  for (const one of out.close) {
    lines.push(`close ${names.get(one.link) ?? one.link}: ${one.reason}`);
  }
  for (const one of out.log) if (one.level === "warn") lines.push(`warn: ${shorten(one.text)}`);
  return lines;
}

function printMessage(message: object): string {
  const { op, ...fields } = message as { op: string; [field: string]: unknown };
  const parts = [op];
  for (const [name, value] of Object.entries(fields)) {
    if (silent.has(name) || isEmpty(value)) continue;
    if (name === "key" || name === "keys") parts.push(show(value));
    else parts.push(`${name}=${show(value)}`);
  }
  return parts.join(" ");
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === false) return true;
  return value instanceof Map && value.size === 0;
}

function show(value: unknown): string {
  if (typeof value === "string") return shorten(value);
  if (value instanceof Uint8Array) return value.length === 0 ? "<>" : `<${value.length} bytes>`;
  if (value instanceof Serialized) {
    const code = value.header.get("code");
    return code === undefined ? "<value>" : `<${String(code)}>`;
  }
  if (value instanceof Pickled) return "<pickle>";
  if (Array.isArray(value)) return `[${value.map(show).join(" ")}]`;
  const entries = value instanceof Map ? [...value] : null;
  if (entries !== null) return `{${entries.map(([k, v]) => `${show(k)}: ${show(v)}`).join(", ")}}`;
  if (typeof value !== "object" || value === null) return String(value);
  const fields = Object.entries(value).filter(([name]) => !silent.has(name));
  return `{${fields.map(([k, v]) => `${k}: ${show(v)}`).join(", ")}}`;
}

/** Addresses as names: the world calls `w1` what listens on `tcp://w1:1`. */
export const shorten = (text: string): string => text.replaceAll(/tcp:\/\/([\w-]+):1\b/g, "$1");
