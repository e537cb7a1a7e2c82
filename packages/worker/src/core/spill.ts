// When memory runs short: what is written to disk, what leaves memory because a file has it, and
// when nothing new is begun. Thresholds are dask's; values go by least recent use. What happens when
// the disk takes nothing is in full-disk.ts.
import { type Core, log, send } from "./context.js";
import type { WorkerEvent } from "./events.js";
import { diskFailed, diskTakes, endDiskPause, pauseForDisk } from "./full-disk.js";
import { inputLoaded, releaseReadAhead } from "./hand-over.js";
import { serveWith } from "./serve.js";
import type { Task } from "./task.js";
import { move, settle } from "./transition.js";
import { dropIdle, endSpilling, placeInMemory, startLoading } from "./values.js";

/** Real memory was measured. */
export function memoryMeasured(core: Core, processBytes: number): void {
  const { state } = core;
  const limit = state.options.memoryLimitBytes;
  state.processBytes = processBytes;
  if (limit === null) return;
  const { targetFraction, spillFraction, pauseFraction } = state.limits;
  const over = processBytes > limit * spillFraction;
  state.processExcessBytes = over
    ? Math.max(0, processBytes - limit * targetFraction - state.spillingBytes)
    : 0;
  if (over) core.out.collectGarbage = true;
  const pause = processBytes > limit * pauseFraction;
  if (pause !== state.pausedFor.has("memory")) {
    log(
      core,
      pause ? "warn" : "info",
      pause ? "Paused: memory is nearly full" : "Memory is below the pause limit",
      {
        processBytes,
        limitBytes: limit,
      },
    );
  }
  if (pause) {
    if (state.pausedFor.size === 0) releaseReadAhead(core);
    state.pausedFor.add("memory");
  } else {
    state.pausedFor.delete("memory");
  }
}

/**
 * More is stored than may be, and the disk is at it: results of what would begin now might come
 * faster than they can be written. Corresponds to dask writing before it takes the next result.
 */
export function spillsLag(core: Core): boolean {
  const { spilling, spillingBytes, processBytes, limits, options } = core.state;
  if (spilling === 0 || options.memoryLimitBytes === null) return false;
  if (managedExcess(core) + spillingBytes > 0) return true;
  return processBytes > options.memoryLimitBytes * limits.spillFraction;
}

// Bytes of values in memory beyond what may be there, once all spills under way have ended.
const managedExcess = (core: Core): number => {
  const { state } = core;
  const limit = state.options.memoryLimitBytes;
  if (limit === null) return 0;
  return state.memoryBytes - state.spillingBytes - limit * state.limits.targetFraction;
};

/** Whether something is to be spilled as soon as the disk takes it. */
export const wantsSpill = (core: Core): boolean => core.state.idle.size > 0 && isTooMuch(core);

/** Orders as many spills as memory asks for; the rest follows as they end. */
export function planSpills(core: Core): void {
  const { state } = core;
  const isBlocked = core.nowMs < state.spillBlockedUntilMs;
  if (isBlocked) for (const task of state.idleInFile) if (isTooMuch(core)) unload(core, task);
  if (isStuck(core)) pauseForDisk(core);
  else endDiskPause(core);
  if (isBlocked) return;
  // A disk that was full is tried with one value.
  const atOnce = state.spillBlockedUntilMs > 0 ? 1 : state.limits.spillsAtOnce;
  for (const task of state.idle) {
    if (!isTooMuch(core)) return;
    if (task.inFile) unload(core, task);
    else if (state.spilling < atOnce) spill(core, task);
    else return;
  }
}

// The disk took nothing lately, and memory wants to spill. What is being tried may fail again. The
// room up to the pause limit is needed to read what is finished.
function isStuck(core: Core): boolean {
  const { state } = core;
  const limit = state.options.memoryLimitBytes;
  if (state.spillBlockedUntilMs === 0 || limit === null) return false;
  if (managedExcess(core) + state.spillingBytes > 0) return true;
  return state.processBytes > limit * state.limits.spillFraction;
}

const isTooMuch = (core: Core): boolean =>
  managedExcess(core) > 0 || core.state.processExcessBytes > 0;

function spill(core: Core, task: Task): void {
  const { state } = core;
  dropIdle(core, task);
  task.place = "spilling";
  state.spilling += 1;
  state.spillingBytes += task.nbytes;
  state.processExcessBytes = Math.max(0, state.processExcessBytes - task.nbytes);
  core.out.store.push({ type: "spill", key: task.key });
}

function unload(core: Core, task: Task): void {
  const { state } = core;
  dropIdle(core, task);
  placeOnDisk(core, task);
  state.processExcessBytes = Math.max(0, state.processExcessBytes - task.nbytes);
  core.out.store.push({ type: "unload", key: task.key });
}

function placeOnDisk(core: Core, task: Task): void {
  task.place = "disk";
  core.state.memoryBytes -= task.nbytes;
  core.state.spilledBytes += task.nbytes;
}

export function spillEnded(core: Core, event: Extract<WorkerEvent, { type: "spilled" }>): void {
  const { state } = core;
  const task = state.tasks.get(event.key);
  if (task?.place !== "spilling") return;
  endSpilling(core, task);
  if (event.ok) {
    task.inFile = true;
    task.diskBytes = event.bytes;
    state.diskBytes += event.bytes;
    placeOnDisk(core, task);
    diskTakes(core);
    if (task.waiters !== null) startLoading(core, task);
    return;
  }
  placeInMemory(core, task);
  diskFailed(core, event.problem);
  wakeWaiters(core, task);
}

export function loadEnded(core: Core, event: Extract<WorkerEvent, { type: "loaded" }>): void {
  const task = core.state.tasks.get(event.key);
  if (task?.place !== "loading") return;
  if (!event.ok) {
    valueLost(core, task);
    return;
  }
  placeInMemory(core, task);
  wakeWaiters(core, task);
}

function wakeWaiters(core: Core, task: Task): void {
  const waiters = task.waiters;
  task.waiters = null;
  for (const waiter of waiters ?? []) {
    if ("requestId" in waiter) serveWith(core, waiter);
    else inputLoaded(core, waiter);
  }
}

function valueLost(core: Core, task: Task): void {
  log(core, "error", "A spilled value cannot be read back; it is computed or fetched anew", {
    key: task.key,
  });
  send(core, { op: "release-worker-data", key: task.wire, stimulus_id: core.stimulusId });
  move(core, task, "released");
  settle(core, task);
}
