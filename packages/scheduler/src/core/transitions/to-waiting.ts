// released → waiting: somebody needs the task. Counts what it waits for and asks for
// dependencies that were released meanwhile. A task that depends on an error errs at once.
import { each } from "../relations.js";
import { flag, isSet, rareOf, type Task } from "../task.js";
import type { Turn } from "../turn.js";
import { enter, listReady, recommend } from "./engine.js";

export function toWaiting(turn: Turn, task: Task): void {
  if (isSet(task, flag.lostDependencies) || task.spec === null) {
    recommend(turn, task, "forgotten");
    return;
  }
  for (const dependency of each(task.dependencies)) {
    if (dependency.state !== "erred") continue;
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
    if (dependency.state === "released") recommend(turn, dependency, "waiting");
  }
  if (task.waitingOn === 0) listReady(turn, task);
}
