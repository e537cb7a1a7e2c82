// Tasks that nobody may run fail after a while, if the settings say so (dask's
// no-workers-timeout).
import type { Constraint } from "./constraint.js";
import { validWorkers } from "./open-workers.js";
import { queuedTasks } from "./ready-queue.js";
import { noValidWorker } from "./scheduler-errors.js";
import { rareOf, type Task } from "./task.js";
import { recommend, settle } from "./transitions/engine.js";
import { stimulate, type Turn, wakeBy } from "./turn.js";

export function failUnrunnable(turn: Turn): void {
  const timeoutMs = turn.state.settings.noWorkersTimeoutMs;
  if (timeoutMs === null) return;
  stimulate(turn, "no-workers-timeout");
  for (const constraint of turn.state.constraints.values()) {
    for (const [task, sinceMs] of constraint.unrunnable) {
      if (sinceMs + timeoutMs > turn.nowMs) {
        wakeBy(turn, sinceMs + timeoutMs);
        break;
      }
      fail(turn, task, turn.nowMs - sinceMs);
    }
    failStarved(turn, constraint, timeoutMs);
  }
  settle(turn);
}

function failStarved(turn: Turn, constraint: Constraint, timeoutMs: number): void {
  const starved = constraint.queue.size > 0 && validWorkers(turn.state, constraint).size === 0;
  if (!starved) {
    constraint.starvedSinceMs = Number.POSITIVE_INFINITY;
    return;
  }
  if (constraint.starvedSinceMs > turn.nowMs) constraint.starvedSinceMs = turn.nowMs;
  const waitedMs = turn.nowMs - constraint.starvedSinceMs;
  if (waitedMs < timeoutMs) {
    wakeBy(turn, constraint.starvedSinceMs + timeoutMs);
    return;
  }
  for (const task of [...queuedTasks(constraint.queue)]) fail(turn, task, waitedMs);
}

function fail(turn: Turn, task: Task, waitedMs: number): void {
  const rare = rareOf(task);
  rare.blame = task;
  rare.exception = noValidWorker(task, waitedMs, wanted(task.constraint));
  rare.exceptionText = String(rare.exception.header.get("message"));
  recommend(turn, task, "erred");
}

/** What kind of worker a constraint asks for, in words. */
export function wanted({ spec }: Constraint): string {
  const parts: string[] = [];
  if (spec.workers !== undefined) parts.push(`named ${spec.workers.join(" or ")}`);
  if (spec.resources !== undefined) {
    const needs = Array.from(spec.resources, ([name, amount]) => `${amount} ${name}`);
    parts.push(`with ${needs.join(", ")}`);
  }
  if (spec.slots !== undefined && spec.slots > 1) parts.push(`with ${spec.slots} slots`);
  if (spec.memory_bytes !== undefined) parts.push(`with ${spec.memory_bytes} bytes of memory`);
  const lang = spec.lang === undefined ? "a" : `a ${spec.lang}`;
  return [`${lang} worker`, ...parts].join(" ");
}
