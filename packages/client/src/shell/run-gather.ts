// Carries out one gather order: from the workers directly, and what is left through the scheduler,
// which answers with all values or a list of what is missing, so that the rest is asked for again.
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
import { gatherDirect } from "./gather-direct.js";
import type { WorkerPeers } from "./worker-peers.js";

/**
 * Never rejects for operating errors: the event tells.
 *
 * @param peers - undefined: everything goes through the scheduler
 */
export async function runGather(
  { gatherId, keys }: GatherOrder,
  pool: RpcPool,
  address: string,
  peers: WorkerPeers | undefined,
): Promise<ClientEvent> {
  try {
    const values =
      peers === undefined
        ? new Map<TaskKey, Serialized>()
        : await gatherDirect(keys, pool, address, peers);
    const left = values.size === keys.length ? [] : keys.filter((key) => !values.has(key));
    for (const [key, value] of await throughScheduler(left, pool, address)) values.set(key, value);
    return { type: "gathered", gatherId, values };
  } catch (error) {
    if (!isAcmeError(error) && !(error instanceof TypeError)) throw error;
    return { type: "gather-failed", gatherId, message: error.message };
  }
}

async function throughScheduler(
  wanted: readonly TaskKey[],
  pool: RpcPool,
  address: string,
): Promise<ReadonlyMap<TaskKey, Serialized>> {
  const missing = new Set<TaskKey>();
  for (;;) {
    const keys = wanted.filter((key) => !missing.has(key));
    if (keys.length === 0) return new Map();
    const request = { op: "gather", keys: keys.map(wireKey) };
    const reply = (await pool.call(address, request as never)) as WireMap;
    if (reply.get("status") === "OK") return readValues(reply.get("data") as WireMap);
    const known = missing.size;
    for (const key of (reply.get("keys") ?? []) as Iterable<unknown>) missing.add(taskKey(key));
    if (missing.size === known) throw new TypeError("a gather failed without naming a key");
  }
}

function readValues(data: WireMap): Map<TaskKey, Serialized> {
  const values = new Map<TaskKey, Serialized>();
  for (const [key, value] of data) {
    if (value instanceof Serialized) values.set(taskKey(key), value);
  }
  return values;
}
