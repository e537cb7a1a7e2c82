// How much memory a worker holds for long, as dask reckons it: what it manages, and of the rest of
// its process the least of the last half minute, so that what a task takes for a moment does not
// count. Corresponds to MemoryState and to heartbeat_worker of dask's scheduler.py.
import { coreLimits } from "../limits.js";
import type { SchedulerState } from "../state.js";
import type { WorkerState } from "../worker-state.js";

/** Bytes beside those that are managed, at one heartbeat. */
export interface UnmanagedMemory {
  atMs: number;
  bytes: number;
}

/** What a peer says of itself may be anything. */
function bytesIn(map: unknown, name: string): number {
  const value = map instanceof Map ? (map.get(name) as unknown) : 0;
  return typeof value === "number" && value > 0 && Number.isFinite(value) ? value : 0;
}

const spilledFromMemory = (worker: WorkerState): number =>
  bytesIn(worker.metrics.get("spilled_bytes"), "memory");

/** Remembers what the metrics of a heartbeat say. */
export function noteMemory(worker: WorkerState, nowMs: number): void {
  const process = bytesIn(worker.metrics, "memory");
  const bytes = Math.max(0, process - worker.heldBytes + spilledFromMemory(worker));
  const history = worker.unmanaged;
  history.push({ atMs: nowMs, bytes });
  const oldestMs = nowMs - coreLimits.recentMemoryMs;
  let old = 0;
  while (old < history.length - 1 && (history[old] as UnmanagedMemory).atMs < oldestMs) old += 1;
  old = Math.max(old, history.length - coreLimits.memoryReadings);
  if (old > 0) history.splice(0, old);
}

/** dask's `optimistic` measure. */
export const lastingBytes = (worker: WorkerState): number => processMemory(worker).optimistic;

/** Bytes under dask's names, of no worker. */
const noMemory = Object.freeze({
  process: 0,
  managed: 0,
  spilled: 0,
  unmanaged: 0,
  unmanaged_old: 0,
  unmanaged_recent: 0,
  optimistic: 0,
  managed_total: 0,
});

/** Bytes under dask's names. */
export function processMemory(worker: WorkerState): {
  -readonly [K in keyof typeof noMemory]: number;
} {
  const process = bytesIn(worker.metrics, "memory");
  const managed = Math.min(process, Math.max(0, worker.heldBytes - spilledFromMemory(worker)));
  let least = worker.unmanaged.length === 0 ? 0 : Number.POSITIVE_INFINITY;
  for (const { bytes } of worker.unmanaged) least = Math.min(least, bytes);
  const unmanaged_old = Math.min(least, process - managed);
  const spilled = bytesIn(worker.metrics.get("spilled_bytes"), "disk");
  return {
    process,
    managed,
    spilled,
    unmanaged: process - managed,
    unmanaged_old,
    unmanaged_recent: process - managed - unmanaged_old,
    optimistic: managed + unmanaged_old,
    managed_total: managed + spilled,
  };
}

/** Memory of all workers. */
export function memoryOfAll({ workers }: SchedulerState): ReturnType<typeof processMemory> {
  const total = { ...noMemory };
  for (const worker of workers.values()) {
    for (const [name, bytes] of Object.entries(processMemory(worker))) {
      total[name as keyof typeof total] += bytes;
    }
  }
  return total;
}
