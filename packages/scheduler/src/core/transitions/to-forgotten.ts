// → forgotten: nobody needs the task, or it cannot be computed any more. It leaves the table, and
// dependents that are not done yet are forgotten with it.
import { dropTask } from "../create-task.js";
import { forgetMetadata } from "../metadata.js";
import { each, removed } from "../relations.js";
import { removeAllReplicas } from "../replicas.js";
import { flag, type Task } from "../task.js";
import { freeKey, type Turn, toClient } from "../turn.js";
import { isActive } from "./active.js";
import { enter, recommend } from "./engine.js";

export function toForgotten(turn: Turn, task: Task): void {
  const held = task.state === "memory";
  for (const worker of each(task.whoHas)) freeKey(turn, worker, task.key);
  removeAllReplicas(turn, task);
  enter(turn, task, "forgotten");
  for (const dependent of each(task.dependents)) forgetFor(turn, dependent, task, held);
  task.dependents = null;
  for (const dependency of each(task.dependencies)) {
    dependency.dependents = removed(dependency.dependents, task);
    if (dependency.dependents === null && dependency.whoWants === null) {
      recommend(turn, dependency, "forgotten");
    }
  }
  task.dependencies = null;
  if (task.whoWants !== null) {
    const isLost = (task.flags & flag.lostDependencies) !== 0;
    const reason = isLost ? "lost dependencies" : "lost data";
    const message = { op: "cancelled-keys" as const, keys: [task.wire], reason };
    for (const client of each(task.whoWants)) {
      client.wants.delete(task);
      toClient(turn, client, message);
    }
    task.whoWants = null;
  }
  turn.state.delayed.delete(task);
  if (turn.state.metadata.size > 0) forgetMetadata(turn.state, task.key);
  dropTask(turn.state, task);
}

function forgetFor(turn: Turn, dependent: Task, task: Task, held: boolean): void {
  dependent.flags |= flag.lostDependencies;
  dependent.dependencies = removed(dependent.dependencies, task);
  if (dependent.state === "waiting" && !held) dependent.waitingOn -= 1;
  if (isActive(dependent.state)) task.waiters -= 1;
  if (dependent.state !== "memory" && dependent.state !== "erred") {
    recommend(turn, dependent, "forgotten");
  }
}
