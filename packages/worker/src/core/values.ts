// The books of the values held here: where each one is, who needs it in memory, what they weigh
// and which was used least recently. The bytes themselves are in the store.
// Corresponds to dask's SpillBuffer and its bookkeeping.
import { assert } from "@acme/protocol";
import type { Core } from "./context.js";
import type { ValueSource } from "./outbox.js";
import { serveWithout } from "./serve.js";
import type { Serving, Task } from "./task.js";
import { move } from "./transition.js";

/** What is assumed of a value whose size nobody told. */
const unknownBytes = 1_024;

/** Takes a value into the store; the task must be on its way to memory. */
export function keepValue(
  core: Core,
  task: Task,
  from: { source: ValueSource; id: number; nbytes: number },
): void {
  task.nbytes = from.nbytes < 0 ? unknownBytes : from.nbytes;
  core.out.store.push({ type: "keep", key: task.key, source: from.source, id: from.id });
  if (core.state.link === null) core.state.unheard.add(task);
  move(core, task, "memory");
}

export function enterMemory(core: Core, task: Task): void {
  task.place = "memory";
  core.state.memoryBytes += task.nbytes;
  markIdle(core, task);
}

export function leaveMemory(core: Core, task: Task): void {
  const { state } = core;
  if (task.place === "disk") state.spilledBytes -= task.nbytes;
  else state.memoryBytes -= task.nbytes;
  if (task.place === "spilling") endSpilling(core, task);
  dropIdle(core, task);
  state.unheard.delete(task);
  task.place = null;
  dropFile(core, task);
  task.finished = null;
  core.out.store.push({ type: "drop", key: task.key });
  const waiters = task.waiters;
  task.waiters = null;
  if (waiters === null) return;
  // Tasks among them go back to `waiting` by themselves.
  for (const waiter of waiters) if ("requestId" in waiter) serveWithout(core, waiter, task);
}

// There is room on the disk again, so a full one is soon tried.
function dropFile(core: Core, task: Task): void {
  if (!task.inFile) return;
  const { state } = core;
  task.inFile = false;
  state.diskBytes -= task.diskBytes;
  task.diskBytes = 0;
  const soonMs = core.nowMs + state.limits.spillRetryFreedMs;
  state.spillBlockedUntilMs = Math.min(state.spillBlockedUntilMs, soonMs);
}

/** A spill is over, whatever came of it. */
export function endSpilling(core: Core, task: Task): void {
  core.state.spilling -= 1;
  core.state.spillingBytes -= task.nbytes;
}

export function pin(core: Core, task: Task): void {
  task.pins += 1;
  dropIdle(core, task);
}

export function unpin(core: Core, task: Task): void {
  assert(task.pins > 0, "a value is unpinned as often as it was pinned");
  task.pins -= 1;
  markIdle(core, task);
}

// Adding anew makes it the most recently used.
function markIdle(core: Core, task: Task): void {
  if (task.pins > 0 || task.place !== "memory") return;
  core.state.idle.add(task);
  if (task.inFile) core.state.idleInFile.add(task);
}

export function dropIdle(core: Core, task: Task): void {
  core.state.idle.delete(task);
  core.state.idleInFile.delete(task);
}

/** A value is in memory again, or was never away: it may be spilled if nobody needs it. */
export function placeInMemory(core: Core, task: Task): void {
  task.place = "memory";
  markIdle(core, task);
}

/** Keeps the inputs of a task in memory until {@link unpinInputs}; twice is once. */
export function pinInputs(core: Core, task: Task): void {
  if (task.pinsInputs) return;
  task.pinsInputs = true;
  for (const input of task.dependencies) pin(core, input);
}

export function unpinInputs(core: Core, task: Task): void {
  if (!task.pinsInputs) return;
  task.pinsInputs = false;
  for (const input of task.dependencies) unpin(core, input);
}

/** Asks for a value that is not usable in memory; true if there is something to wait for. */
export function awaitValue(core: Core, task: Task, waiter: Task | Serving): boolean {
  if (task.place === "memory") return false;
  task.waiters ??= new Set();
  task.waiters.add(waiter);
  if (task.place === "disk") startLoading(core, task);
  return true;
}

/** It counts as in memory at once, so that others make room while it is read. */
export function startLoading(core: Core, task: Task): void {
  task.place = "loading";
  core.state.spilledBytes -= task.nbytes;
  core.state.memoryBytes += task.nbytes;
  core.out.store.push({ type: "load", key: task.key });
}
