// Keeps the index of open workers and the totals right whenever a worker's load or status changes.
// Which of the workers a task goes to is decided elsewhere; this only says which may be asked.
// Corresponds to dask's idle, saturated and valid_workers.
import { Buckets, isRunning, refile } from "./buckets.js";
import type { Constraint } from "./constraint.js";
import { fits, isNamed } from "./constraint.js";
import type { SchedulerState } from "./state.js";
import type { WorkerState } from "./worker-state.js";

/** The open workers of one language. */
export function openOf(state: SchedulerState, lang: string): Buckets {
  let buckets = state.open.get(lang);
  if (buckets === undefined) {
    buckets = new Buckets();
    state.open.set(lang, buckets);
  }
  return buckets;
}

/** Call after every change of a worker's load, status or reservation. */
export function loadChanged(worker: WorkerState): void {
  refile(worker.open, worker);
}

/** The worker has done well: of idle ones it is asked first. */
export function prefer(worker: WorkerState): void {
  worker.open.recent = worker;
}

/** A task left it undone: another one is asked first. */
export function avoid(worker: WorkerState): void {
  if (worker.open.recent === worker) worker.open.recent = null;
}

/** Workers that fit a constraint and accept work; kept until workers change. */
export function validWorkers(
  state: SchedulerState,
  constraint: Constraint,
): ReadonlySet<WorkerState> {
  if (constraint.version === state.workersVersion) return constraint.valid;
  const { spec } = constraint;
  const valid = new Set<WorkerState>();
  const others = new Set<WorkerState>();
  for (const worker of state.workers.values()) {
    if (!isRunning(worker) || !fits(spec, worker)) continue;
    (isNamed(spec, worker) ? valid : others).add(worker);
  }
  const useOthers = valid.size === 0 && spec.allow_other_workers === true;
  constraint.valid = useOthers ? others : valid;
  constraint.validList = null;
  constraint.version = state.workersVersion;
  return constraint.valid;
}
