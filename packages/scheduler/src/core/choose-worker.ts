// Which worker gets a task that is not queued: where its inputs lie, unless that worker is so busy
// that fetching elsewhere is faster. Corresponds to dask's decide_worker. The number of workers
// compared has a limit, so that a task costs the same on a thousand workers.
import { isRunning, leastLoaded } from "./buckets.js";
import type { Constraint } from "./constraint.js";
import { transferUs } from "./durations.js";
import { coreLimits } from "./limits.js";
import { validWorkers } from "./open-workers.js";
import { randomBelow } from "./random.js";
import { each, sizeOf } from "./relations.js";
import type { SchedulerState } from "./state.js";
import { flag, isSet, type Task } from "./task.js";
import type { WorkerState } from "./worker-state.js";

/** The worker for a task, or null if nobody may run it now. */
export function chooseWorker(state: SchedulerState, task: Task): WorkerState | null {
  const valid = validWorkers(state, task.constraint);
  if (valid.size === 0) return null;
  if (isSet(task, flag.actor)) return fewestActors(state, task, valid);
  const holders = holdersAmong(state, task, valid);
  const idle = leastLoaded(task.constraint.open, valid);
  if (holders.size === 0) return idle ?? cheapest(state, task, sample(state, task.constraint));
  // Fetching may be faster than waiting, and is cheaper than being stolen later.
  if (idle !== null) holders.add(idle);
  return cheapest(state, task, holders);
}

/** Actors stay where they are: spread them, whatever happens to be idle now. */
function fewestActors(
  state: SchedulerState,
  task: Task,
  valid: ReadonlySet<WorkerState>,
): WorkerState | null {
  const counts = new Map<WorkerState, number>();
  for (const [actor, home] of state.actors) {
    const worker = actor.flight?.worker ?? home;
    if (worker !== null) counts.set(worker, (counts.get(worker) ?? 0) + 1);
  }
  let fewest = Number.POSITIVE_INFINITY;
  let found = new Set<WorkerState>();
  for (const worker of valid) {
    const count = counts.get(worker) ?? 0;
    if (count > fewest || !isRunning(worker)) continue;
    if (count < fewest) found = new Set();
    fewest = count;
    found.add(worker);
  }
  return cheapest(state, task, found);
}

function holdersAmong(
  state: SchedulerState,
  task: Task,
  valid: ReadonlySet<WorkerState>,
): Set<WorkerState> {
  const found = new Set<WorkerState>();
  for (const dependency of each(task.dependencies)) {
    const copies = sizeOf(dependency.whoHas);
    if (copies > coreLimits.placeCandidates) {
      // Everybody has it: it says nothing about where to go, but somebody must be compared.
      for (const worker of sample(state, task.constraint)) found.add(worker);
      continue;
    }
    for (const worker of each(dependency.whoHas)) {
      if (isRunning(worker) && valid.has(worker)) found.add(worker);
    }
    if (found.size > coreLimits.placeCandidates * 4) break;
  }
  return found;
}

function sample(state: SchedulerState, constraint: Constraint): ReadonlySet<WorkerState> {
  if (constraint.valid.size <= coreLimits.placeCandidates) return constraint.valid;
  const found = new Set<WorkerState>();
  constraint.validList ??= [...constraint.valid];
  const all = constraint.validList;
  for (let i = 0; i < coreLimits.placeCandidates; i++) {
    found.add(all[randomBelow(state, all.length)] as WorkerState);
  }
  return found;
}

function cheapest(
  state: SchedulerState,
  task: Task,
  workers: ReadonlySet<WorkerState>,
): WorkerState | null {
  let best: WorkerState | null = null;
  let bestUs = Number.POSITIVE_INFINITY;
  for (const worker of workers) {
    if (worker.reservedFor !== null && worker.reservedFor !== task) continue;
    const costUs = worker.occupancyUs / worker.nthreads + transferUs(state, task, worker);
    const better =
      costUs < bestUs || (costUs === bestUs && best !== null && worker.heldBytes < best.heldBytes);
    if (!better) continue;
    best = worker;
    bestUs = costUs;
  }
  return best;
}
