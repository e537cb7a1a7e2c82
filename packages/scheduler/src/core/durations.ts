// How long tasks take: a moving average of `compute` times per prefix, as dask keeps it, and what
// that makes of the in-flight budget and the cost of a task on a worker.
import type { TaskPrefix } from "./groups.js";
import { coreLimits } from "./limits.js";
import { each, has } from "./relations.js";
import type { SchedulerState } from "./state.js";
import type { Task } from "./task.js";
import type { WorkerState } from "./worker-state.js";

const slotUs = coreLimits.inFlightPerSlotMs * 1000;
const nextUs = coreLimits.nextInFlightMs * 1000;
const leastLoadUs = Math.ceil(slotUs / coreLimits.inFlightPerSlot);

/** Takes the measured times of a finished task into the average of its prefix. */
export function measure(task: Task, startstops: readonly ReadonlyMap<string, unknown>[]): void {
  for (const one of startstops) {
    if (one.get("action") !== "compute") continue;
    const seconds = Number(one.get("stop")) - Number(one.get("start"));
    if (Number.isFinite(seconds)) learn(task, seconds);
  }
}

/** Takes one measured time into the average. A clock that went back counts as no time. */
export function learn(task: Task, seconds: number): void {
  const prefix = task.group.prefix;
  const newUs = believedUs(seconds);
  const oldUs = prefix.durationUs;
  const weight = coreLimits.durationWeight;
  prefix.durationUs = oldUs < 0 ? newUs : Math.round(weight * newUs + (1 - weight) * oldUs);
}

/** What a worker says of a time, in whole microseconds. */
export const believedUs = (seconds: number): number =>
  seconds > 0 ? Math.min(Math.round(seconds * 1e6), coreLimits.longestDurationMs * 1000) : 0;

export const isKnown = (task: Task): boolean => task.group.prefix.durationUs >= 0;

/** Expected duration: the average, else twice the longest running time seen, else a guess. */
export const durationUs = (task: Task): number => prefixDurationUs(task.group.prefix);

export function prefixDurationUs(prefix: TaskPrefix): number {
  if (prefix.durationUs >= 0) return prefix.durationUs;
  if (prefix.runningUs > 0) return 2 * prefix.runningUs;
  return coreLimits.unknownDurationMs * 1000;
}

/** Share of the in-flight budget: a task of unknown duration is a full slot. */
export function loadUs(task: Task): number {
  const known = task.group.prefix.durationUs;
  const slots = task.constraint.spec.slots ?? 1;
  if (known < 0 || known >= nextUs) return slots * slotUs;
  return slots * Math.min(slotUs / 2, Math.max(leastLoadUs, known));
}

/** Bytes of dependencies that a worker would have to fetch. */
function missingBytes(task: Task, worker: WorkerState): number {
  let bytes = 0;
  for (const dependency of each(task.dependencies)) {
    if (!has(dependency.whoHas, worker)) bytes += bytesOf(dependency);
  }
  return bytes;
}

export const bytesOf = (task: Task): number =>
  task.nbytes >= 0 ? task.nbytes : coreLimits.unknownBytes;

/** Time to fetch what a worker lacks. */
export function transferUs(state: SchedulerState, task: Task, worker: WorkerState): number {
  if (task.dependencies === null) return 0;
  const bytes = missingBytes(task, worker);
  if (bytes === 0) return 0;
  const seconds = bytes / state.settings.bandwidthBytesPerSecond;
  return Math.round(seconds * 1e6) + coreLimits.fetchLatencyMs * 1000;
}
