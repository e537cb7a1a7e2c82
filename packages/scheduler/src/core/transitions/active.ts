// A task is active while it waits or runs, and counts as a waiter of its dependencies. When it
// stops being active, dependencies that nobody else needs are released.
import { each } from "../relations.js";
import type { Task, TaskStateName } from "../task.js";
import type { Turn } from "../turn.js";
import { recommendRelease } from "./engine.js";

export const isActive = (state: TaskStateName): boolean =>
  state === "waiting" || state === "processing" || state === "queued" || state === "no-worker";

export const isNeeded = (task: Task): boolean => task.waiters > 0 || task.whoWants !== null;

/** The task no longer waits for its dependencies; its state has changed already. */
export function stopWaiting(turn: Turn, task: Task): void {
  task.waitingOn = 0;
  for (const dependency of each(task.dependencies)) {
    dependency.waiters -= 1;
    if (!isNeeded(dependency)) recommendRelease(turn, dependency);
  }
}
