// Brings values from workers to whoever asks the scheduler for them, frames untouched. Reads who
// holds what through a function; a replica that turns out to be gone is reported, not decided on.

import { setTimeout as sleep } from "node:timers/promises";
import type { RpcPool } from "@acme/comm";
import {
  isAcmeError,
  Pickled,
  Serialized,
  type TaskKey,
  taskKey,
  type WorkerAddress,
  wireKey,
} from "@acme/protocol";
import { shellLimits } from "./limits.js";

export interface GatherOptions {
  pool: RpcPool;
  holders: (key: TaskKey) => readonly WorkerAddress[];
  /** A worker that was asked did not have these, or did not answer at all. */
  onMissing: (address: WorkerAddress, keys: readonly TaskKey[]) => void;
  signal?: AbortSignal | undefined;
}

export interface Gathered {
  values: Map<TaskKey, Serialized | Pickled>;
  missing: TaskKey[];
}

/** Asks one holder after another for each key; several peers at a time, one message per peer. */
export async function gather(keys: readonly TaskKey[], options: GatherOptions): Promise<Gathered> {
  const values: Gathered["values"] = new Map();
  const tried = new Map<TaskKey, Set<WorkerAddress>>();
  let wanted = [...new Set(keys)];
  const missing: TaskKey[] = [];
  while (wanted.length > 0) {
    const byPeer = new Map<WorkerAddress, TaskKey[]>();
    for (const key of wanted) {
      const peer = untried(key, options.holders(key), tried);
      if (peer === undefined) missing.push(key);
      else byPeer.set(peer, [...(byPeer.get(peer) ?? []), key]);
    }
    await inBounds([...byPeer], (entry) => fetchFrom(entry[0], entry[1], values, options));
    wanted = [...byPeer.values()].flat().filter((key) => !values.has(key));
  }
  return { values, missing };
}

function untried(
  key: TaskKey,
  holders: readonly WorkerAddress[],
  tried: Map<TaskKey, Set<WorkerAddress>>,
): WorkerAddress | undefined {
  const seen = tried.get(key) ?? new Set();
  tried.set(key, seen);
  const peer = holders.find((address) => !seen.has(address));
  if (peer !== undefined) seen.add(peer);
  return peer;
}

async function fetchFrom(
  peer: WorkerAddress,
  keys: readonly TaskKey[],
  values: Gathered["values"],
  options: GatherOptions,
): Promise<void> {
  try {
    const data = await getData(peer, keys, options);
    for (const [wire, value] of data) {
      if (value instanceof Serialized || value instanceof Pickled) values.set(taskKey(wire), value);
    }
  } catch (error) {
    if (!isAcmeError(error)) throw error;
    if (options.signal?.aborted) throw error;
  }
  const absent = keys.filter((key) => !values.has(key));
  if (absent.length > 0) options.onMissing(peer, absent);
}

async function getData(
  peer: WorkerAddress,
  keys: readonly TaskKey[],
  { pool, signal }: GatherOptions,
): Promise<Map<unknown, unknown>> {
  const request = { op: "get_data", keys: keys.map(wireKey), who: null };
  for (let attempt = 0; attempt < shellLimits.gatherBusyRetries; attempt++) {
    const reply = await pool.call(peer, request, {
      timeoutMs: shellLimits.transferTimeoutMs,
      acknowledge: true,
      signal,
    });
    const fields = reply instanceof Map ? reply : new Map<unknown, unknown>();
    const data = fields.get("data");
    if (fields.get("status") === "OK" && data instanceof Map) return data;
    await sleep(shellLimits.gatherBusyRetryMs);
  }
  return new Map();
}

async function inBounds<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const runners = Array.from(
    { length: Math.min(items.length, shellLimits.gatherPeers) },
    async () => {
      for (const item of queue) await act(item);
    },
  );
  await Promise.all(runners);
}
