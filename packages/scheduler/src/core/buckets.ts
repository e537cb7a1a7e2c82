// Workers with room, by how full they are, so that the least loaded one is found without looking
// at all: bucket 0 holds idle workers, 1 to 16 the sixteenths of the in-flight budget. Full,
// paused, leaving and reserved workers are in none. One of these per language.
import { coreLimits } from "./limits.js";
import type { WorkerState } from "./worker-state.js";

const sixteenths = 16;
const slotUs = coreLimits.inFlightPerSlotMs * 1000;

export class Buckets {
  sets: Set<WorkerState>[] = Array.from({ length: sixteenths + 1 }, () => new Set());
  size = 0;
  /** Who finished a task last, unless it has given one back since; perhaps no more idle. */
  recent: WorkerState | null = null;
}

/** In-flight budget of a worker. */
const capacityUs = (worker: WorkerState): number => worker.nthreads * slotUs;

export const isRunning = (worker: WorkerState): boolean =>
  worker.status === "running" && !worker.leaving;

/** Puts a worker where its load says; called after every change of load or status. */
export function refile(buckets: Buckets, worker: WorkerState): void {
  const bucket = bucketOf(worker);
  if (bucket === worker.bucket) return;
  if (worker.bucket >= 0) (buckets.sets[worker.bucket] as Set<WorkerState>).delete(worker);
  else buckets.size += 1;
  worker.bucket = bucket;
  if (bucket >= 0) (buckets.sets[bucket] as Set<WorkerState>).add(worker);
  else buckets.size -= 1;
}

export function bucketOf(worker: WorkerState): number {
  if (!isRunning(worker) || worker.reservedFor !== null) return -1;
  if (worker.loadUs === 0) return 0;
  const capacity = capacityUs(worker);
  if (worker.loadUs >= capacity || isStillFull(worker, capacity)) return -1;
  return Math.min(sixteenths, 1 + Math.floor((worker.loadUs * sixteenths) / capacity));
}

/**
 * A worker of Python's that was full of short tasks takes more when half of them are done: what a
 * message costs it, however little is in it, is as much as the tasks themselves.
 */
const isStillFull = (worker: WorkerState, capacity: number): boolean =>
  worker.bucket < 0 &&
  worker.acme === 0 &&
  2 * worker.loadUs > capacity &&
  worker.processing.size - worker.longRunning > coreLimits.refillPerThread * worker.nthreads;

/**
 * The least loaded open worker among `valid`, or null. Of idle ones the one that was busy last, while
 * it does not hold much more than another: it is awake, and mostly has something to be told anyway.
 */
export function leastLoaded(buckets: Buckets, valid: ReadonlySet<WorkerState>): WorkerState | null {
  const { recent } = buckets;
  const longest = someOf(buckets, valid);
  if (longest === null || longest.bucket > 0 || recent === null || recent.bucket !== 0) {
    return longest;
  }
  const isFull = recent.heldBytes > longest.heldBytes + coreLimits.warmWorkerBytes;
  return isFull || !valid.has(recent) ? longest : recent;
}

function someOf(buckets: Buckets, valid: ReadonlySet<WorkerState>): WorkerState | null {
  if (valid.size < buckets.size) return leastOf(valid);
  for (const set of buckets.sets) {
    if (set.size === 0) continue;
    for (const worker of set) if (valid.has(worker)) return worker;
  }
  return null;
}

function leastOf(valid: ReadonlySet<WorkerState>): WorkerState | null {
  let best: WorkerState | null = null;
  for (const worker of valid) {
    if (worker.bucket >= 0 && (best === null || worker.bucket < best.bucket)) best = worker;
  }
  return best;
}
