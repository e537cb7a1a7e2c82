// Where scattered values have arrived while the request for them is still open: by the reply of
// the worker, or by its own announcement when that reply was lost. What is not used is freed.
import type { TaskKey, WorkerAddress } from "@acme/protocol";
import type { ParkedScatter } from "./parked.js";
import type { SchedulerState } from "./state.js";
import { freeKey, type Turn } from "./turn.js";

export function noteArrival(parked: ParkedScatter, key: TaskKey, worker: WorkerAddress): void {
  const holders = parked.arrived.get(key);
  if (holders === undefined) parked.arrived.set(key, [worker]);
  else if (!holders.includes(worker)) holders.push(worker);
}

/** True, and noted, if the key a worker announces belongs to a scatter that is under way. */
export function isScattering(state: SchedulerState, key: TaskKey, worker: WorkerAddress): boolean {
  for (const parked of state.parked.values()) {
    if (parked.kind !== "scatter" || !parked.sizes.has(key)) continue;
    noteArrival(parked, key, worker);
    return true;
  }
  return false;
}

/** A scatter ends without success: the copies made so far belong to nobody. */
export function freeArrivals(turn: Turn, parked: ParkedScatter): void {
  for (const [key, holders] of parked.arrived) {
    for (const address of holders) {
      const worker = turn.state.workers.get(address);
      const isKnown = turn.state.tasks.get(key) !== undefined;
      if (worker !== undefined && !isKnown) freeKey(turn, worker, key);
    }
  }
}
