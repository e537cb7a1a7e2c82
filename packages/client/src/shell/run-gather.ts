// Carries out one gather order through the scheduler, which asks the holders. The scheduler answers
// with either all values or the list of what is missing, so what is there is asked for again.
import type { RpcPool } from "@acme/comm";
import {
  isAcmeError,
  Serialized,
  type TaskKey,
  taskKey,
  type WireMap,
  wireKey,
} from "@acme/protocol";
import type { ClientEvent, GatherOrder } from "../core/index.js";

/** Never rejects for operating errors: the event tells. */
export async function runGather(
  order: GatherOrder,
  pool: RpcPool,
  address: string,
): Promise<ClientEvent> {
  const { gatherId } = order;
  const missing = new Set<TaskKey>();
  try {
    for (;;) {
      const keys = order.keys.filter((key) => !missing.has(key));
      if (keys.length === 0) return { type: "gathered", gatherId, values: new Map() };
      const reply = (await pool.call(address, {
        op: "gather",
        keys: keys.map(wireKey),
      } as never)) as WireMap;
      if (reply.get("status") === "OK") {
        return { type: "gathered", gatherId, values: readValues(reply.get("data") as WireMap) };
      }
      const known = missing.size;
      for (const key of (reply.get("keys") ?? []) as Iterable<unknown>) missing.add(taskKey(key));
      if (missing.size === known) throw new TypeError("a gather failed without naming a key");
    }
  } catch (error) {
    if (!isAcmeError(error) && !(error instanceof TypeError)) throw error;
    return { type: "gather-failed", gatherId, message: error.message };
  }
}

function readValues(data: WireMap): Map<TaskKey, Serialized> {
  const values = new Map<TaskKey, Serialized>();
  for (const [key, value] of data) {
    if (value instanceof Serialized) values.set(taskKey(key), value);
  }
  return values;
}
