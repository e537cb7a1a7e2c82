// Fetches values from the workers that hold them. Takes what comes at once; what is missing, busy
// or out of reach is left to the scheduler, which knows what to do about each.
import type { RpcPool } from "@acme/comm";
import {
  isAcmeError,
  type Serialized,
  type TaskKey,
  taskKey,
  type WireMap,
  wireKey,
} from "@acme/protocol";
import { clientLimits } from "../limits.js";
import type { WorkerPeers } from "./worker-peers.js";

interface Batch {
  keys: TaskKey[];
  bytes: number;
}

/** @returns what came; not necessarily all */
export async function gatherDirect(
  keys: readonly TaskKey[],
  pool: RpcPool,
  address: string,
  peers: WorkerPeers,
): Promise<Map<TaskKey, Serialized>> {
  const values = new Map<TaskKey, Serialized>();
  const ask = (op: string) => askAbout(keys, op, pool, address);
  const holders = await ask("who_has");
  const sizes = keys.length > 1 ? await ask("nbytes") : new Map();
  const work = [...batchesOf(holders, sizes, peers)].map(async ([peer, batches]) => {
    for (const batch of batches) {
      const found = await peers.take(peer, batch.keys);
      for (const [key, value] of found) values.set(key, value);
      if (found.size === 0) return;
    }
  });
  await Promise.all(work);
  return values;
}

/** Empty if there is no answer: the scheduler is then asked for the values, and may tell why. */
async function askAbout(
  keys: readonly TaskKey[],
  op: string,
  pool: RpcPool,
  address: string,
): Promise<WireMap> {
  try {
    const reply = await pool.call(address, { op, keys: keys.map(wireKey) } as never);
    return reply instanceof Map ? reply : new Map();
  } catch (error) {
    if (!isAcmeError(error)) throw error;
    return new Map();
  }
}

/** Each key from the one of its holders that is asked for least, in messages of bounded size. */
function batchesOf(
  holders: WireMap,
  sizes: WireMap,
  peers: WorkerPeers,
): ReadonlyMap<string, Batch[]> {
  const asked = new Map<string, number>();
  const batches = new Map<string, Batch[]>();
  for (const [wire, addresses] of holders) {
    const near = [...(addresses as Iterable<string>)].filter((one) => peers.isReachable(one));
    const peer = near.reduce<string | undefined>((best, one) => {
      if (best === undefined) return one;
      return (asked.get(one) ?? 0) < (asked.get(best) ?? 0) ? one : best;
    }, undefined);
    if (peer === undefined) continue;
    const bytes = Number(sizes.get(wire) ?? 0);
    asked.set(peer, (asked.get(peer) ?? 0) + bytes);
    const ofPeer = batches.get(peer) ?? [];
    batches.set(peer, ofPeer);
    let last = ofPeer.at(-1);
    if (last === undefined || last.bytes + bytes > clientLimits.gatherBytes) {
      last = { keys: [], bytes: 0 };
      ofPeer.push(last);
    }
    last.keys.push(taskKey(wire as never));
    last.bytes += bytes;
  }
  return batches;
}
