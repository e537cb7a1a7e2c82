// When memory runs short: what is written to disk, when nothing new is begun, and what happens
// when the disk is full too. Thresholds are dask's; values go by least recent use.
import { type Core, log, send } from "./context.js";
import type { WorkerEvent } from "./events.js";
import { inputLoaded, releaseReadAhead } from "./hand-over.js";
import { serveWith } from "./serve.js";
import type { Task } from "./task.js";
import { move, settle } from "./transition.js";
import { endSpilling, placeInMemory, startLoading } from "./values.js";

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

const managedExcess = (core: Core): number => {
  const { state } = core;
  const limit = state.options.memoryLimitBytes;
  if (limit === null) return 0;
  return state.memoryBytes - state.spillingBytes - limit * state.limits.targetFraction;
};

/** Whether something is to be spilled as soon as the disk takes it. */
export const wantsSpill = (core: Core): boolean =>
  core.state.idle.size > 0 && (managedExcess(core) > 0 || core.state.processExcessBytes > 0);

/** Orders as many spills as memory asks for; the rest follows as they end. */
export function planSpills(core: Core): void {
  const { state } = core;
  if (managedExcess(core) <= 0) endDiskPause(core);
  if (core.nowMs < state.spillBlockedUntilMs) return;
  for (const task of state.idle) {
    if (managedExcess(core) <= 0 && state.processExcessBytes <= 0) return;
    if (state.spilling >= state.limits.spillsAtOnce) return;
    spill(core, task);
  }
}

function spill(core: Core, task: Task): void {
  const { state } = core;
  state.idle.delete(task);
  task.place = "spilling";
  state.spilling += 1;
  state.spillingBytes += task.nbytes;
  state.processExcessBytes = Math.max(0, state.processExcessBytes - task.nbytes);
  core.out.store.push({ type: "spill", key: task.key });
}

export function spillEnded(core: Core, event: Extract<WorkerEvent, { type: "spilled" }>): void {
  const task = core.state.tasks.get(event.key);
  if (task?.place !== "spilling") return;
  endSpilling(core, task);
  if (event.ok) {
    task.place = "disk";
    task.diskBytes = event.bytes;
    core.state.memoryBytes -= task.nbytes;
    core.state.diskBytes += event.bytes;
    core.state.spillBlockedUntilMs = 0;
    endDiskPause(core);
    if (task.waiters !== null) startLoading(core, task);
    return;
  }
  placeInMemory(core, task);
  blockSpills(core);
  wakeWaiters(core, task);
}

// Below the target a full disk is no reason to stop working.
function blockSpills(core: Core): void {
  const { state } = core;
  state.spillBlockedUntilMs = core.nowMs + state.limits.spillRetryMs;
  state.processExcessBytes = 0;
  if (managedExcess(core) > 0) {
    if (state.pausedFor.size === 0) releaseReadAhead(core);
    state.pausedFor.add("disk");
  }
  const then = state.pausedFor.has("disk") ? "Paused: a" : "A";
  log(core, "error", `${then} value could not be spilled; free space on the spill disk`, {
    retryInMs: state.limits.spillRetryMs,
    memoryBytes: state.memoryBytes,
    diskBytes: state.diskBytes,
  });
}

function endDiskPause(core: Core): void {
  if (!core.state.pausedFor.delete("disk")) return;
  log(core, "info", "The spill disk is no longer in the way");
}

export function loadEnded(core: Core, event: Extract<WorkerEvent, { type: "loaded" }>): void {
  const { state } = core;
  const task = state.tasks.get(event.key);
  if (task?.place !== "loading") return;
  if (!event.ok) {
    valueLost(core, task);
    return;
  }
  state.diskBytes -= task.diskBytes;
  state.memoryBytes += task.nbytes;
  task.diskBytes = 0;
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
