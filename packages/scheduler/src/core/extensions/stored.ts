// Values that clients leave with the scheduler: how much they are, what a reply tells of one, and
// the bounds on all of them together.
import { Pickled, Serialized, type TaskKey, wireKey } from "@acme/protocol";
import { coreLimits } from "../limits.js";
import { refuse, type Turn } from "../turn.js";
import type { Stored, Waiting } from "./state.js";

/** What an empty value takes. */
const leastBytes = 32;

/** The value of a request: a future by its key, else data. */
export function storedOf(request: { key?: unknown; data?: unknown }, key: TaskKey | null): Stored {
  if (key !== null) return { key, value: null, bytes: leastBytes + key.length };
  const value = request.data ?? null;
  return { key: null, value, bytes: bytesIn(value) };
}

/** Roughly; the depth of what the wire lets in is bounded. */
function bytesIn(value: unknown): number {
  if (typeof value === "string") return leastBytes + value.length;
  if (typeof value !== "object" || value === null) return 8;
  if (value instanceof Uint8Array) return leastBytes + value.byteLength;
  if (value instanceof Serialized || value instanceof Pickled) return leastBytes + value.nbytes;
  let bytes = leastBytes;
  for (const part of value instanceof Map ? [value.keys(), value.values()] : [value]) {
    for (const one of part as Iterable<unknown>) bytes += bytesIn(one);
  }
  return bytes;
}

/** dask's record of a value, with how its task stands. */
export function recordOf(turn: Turn, { key, value }: Stored): Record<string, unknown> {
  if (key === null) return { type: "msgpack", value };
  const task = turn.state.tasks.get(key);
  const record = { type: "Future", value: wireKey(key), state: task?.state ?? "lost" };
  if (task?.state !== "erred") return record;
  const error = (task.rare?.blame ?? task).rare;
  return { ...record, exception: error?.exception ?? null, traceback: error?.traceback ?? null };
}

/** Whether there is room for one more name; if not, the request is refused. */
export function hasRoomForName(turn: Turn, asked: Waiting): boolean {
  const { variables, queues, flags, semaphores, locks, datasets, collectors } =
    turn.state.extensions;
  const names =
    variables.size +
    queues.size +
    flags.size +
    semaphores.size +
    locks.size +
    datasets.size +
    collectors.size;
  if (names < coreLimits.extensionNames) return true;
  const text = `there are ${names} variables, queues, events, locks and datasets: delete some`;
  refuse(turn, asked.requestId, text, "RuntimeError");
  return false;
}

/** Whether there is room for a value; if not, the request is refused. */
export function hasRoomForBytes(turn: Turn, asked: Waiting, bytes: number): boolean {
  const { heldBytes, heldItems } = turn.state.extensions;
  const { extensionBytes, extensionItems } = coreLimits;
  if (heldBytes + bytes <= extensionBytes && heldItems < extensionItems) return true;
  const text =
    `the scheduler holds ${heldItems} items in queues, and ${heldBytes} bytes in variables, ` +
    "queues and datasets, and takes no more: scatter large data and share its future";
  refuse(turn, asked.requestId, text, "RuntimeError");
  return false;
}
