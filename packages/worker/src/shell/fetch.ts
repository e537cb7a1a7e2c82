// Carries out the core's fetch orders: one `get_data` to one peer, values left as frames.
// Decides nothing: which peer is asked, and what follows a failure, is the core's business.
// Corresponds to get_data_from_worker of dask's worker.py.
import type { RpcPool } from "@acme/comm";
import { isAcmeError, Pickled, Serialized, type TaskKey, taskKey, wireKey } from "@acme/protocol";
import type { WorkerEvent } from "../core/events.js";
import type { FetchOrder } from "../core/outbox.js";
import type { StoredValue } from "../store/spill-files.js";
import { shellLimits } from "./limits.js";

export interface FetchOptions {
  pool: RpcPool;
  /** Our own address, which the peer may log. */
  who: string;
  offer: (fetchId: number, values: ReadonlyMap<TaskKey, StoredValue>) => void;
  onEvent: (event: WorkerEvent) => void;
}

export async function fetchValues(order: FetchOrder, options: FetchOptions): Promise<void> {
  const { fetchId, peer, keys } = order;
  const values = new Map<TaskKey, StoredValue>();
  let outcome: "ok" | "busy" | "failed" = "failed";
  try {
    const request = { op: "get_data", keys: keys.map(wireKey), who: options.who };
    const reply = await options.pool.call(peer, request, {
      timeoutMs: shellLimits.fetchTimeoutMs,
      acknowledge: true,
    });
    outcome = read(reply, values);
  } catch (error) {
    if (!isAcmeError(error)) throw error;
  }
  const arrived = new Map(Array.from(values, ([key, value]) => [key, value.nbytes] as const));
  options.offer(fetchId, values);
  options.onEvent({ type: "fetched", fetchId, outcome, arrived });
}

function read(reply: unknown, values: Map<TaskKey, StoredValue>): "ok" | "busy" | "failed" {
  if (!(reply instanceof Map)) return "failed";
  if (reply.get("status") === "busy") return "busy";
  const data: unknown = reply.get("data");
  if (!(data instanceof Map)) return "failed";
  for (const [wire, value] of data as Map<unknown, unknown>) {
    if (value instanceof Serialized || value instanceof Pickled) values.set(taskKey(wire), value);
  }
  return "ok";
}
