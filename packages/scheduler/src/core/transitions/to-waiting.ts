// released → waiting: somebody needs the task. Counts what it waits for and asks for
// dependencies that were released meanwhile. A task that depends on an error errs at once.
import { each } from "../relations.js";
import { flag, isSet, rareOf, type Task } from "../task.js";
import type { Turn } from "../turn.js";
import { isNeeded } from "./active.js";
import { enter, isToBeTried, listReady, recommend } from "./engine.js";

export function toWaiting(turn: Turn, task: Task): void {
  // Whoever wanted it may have failed or gone since it was recommended; a new one asks again.
  if (!isNeeded(task)) return;
  if (isSet(task, flag.lostDependencies) || task.spec === null) {
    recommend(turn, task, "forgotten");
    return;
  }
  for (const dependency of each(task.dependencies)) {
    if (dependency.state !== "erred" || isStale(dependency)) continue;
    rareOf(task).blame = dependency.rare?.blame ?? dependency;
    recommend(turn, task, "erred");
    return;
  }
  enter(turn, task, "waiting");
  task.waitingOn = 0;
  for (const dependency of each(task.dependencies)) {
    dependency.waiters += 1;
    // Not `whoHas`: a dependency that has just lost its last replica counts when it is released.
    if (dependency.state === "memory") continue;
    task.waitingOn += 1;
    if (dependency.state === "released" || dependency.state === "erred") {
      recommend(turn, dependency, "waiting");
    }
  }
  if (task.waitingOn === 0) listReady(turn, task);
}

/** Its error is being tried again: it is worth waiting for. */
const isStale = (task: Task): boolean =>
  isToBeTried(task) || (task.rare?.blame ?? task).state !== "erred";
