// → forgotten: nobody needs the task, or it cannot be computed any more. It leaves the table, and
// dependents that are not done yet are forgotten with it.
import { leaveGroup } from "../groups.js";
import { each, removed } from "../relations.js";
import { removeAllReplicas } from "../replicas.js";
import { flag, type Task } from "../task.js";
import { Slab, Template } from "../template.js";
import { freeKey, type Turn, toClient } from "../turn.js";
import { isActive } from "./active.js";
import { enter, recommend } from "./engine.js";

export function toForgotten(turn: Turn, task: Task): void {
  const held = task.whoHas !== null;
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
  leaveTable(turn, task);
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

function leaveTable(turn: Turn, task: Task): void {
  const state = turn.state;
  state.tasks.delete(task);
  state.delayed.delete(task);
  state.counters.states.forgotten -= 1;
  leaveGroup(state, task.group);
  task.constraint.size -= 1;
  if (task.constraint.size === 0) state.constraints.delete(task.constraint.id);
  if (task.spec instanceof Slab) leaveSlab(turn, task.spec);
  task.spec = null;
}

function leaveSlab(turn: Turn, slab: Slab): void {
  slab.live -= 1;
  if (slab.live > 0) return;
  const templates = slab.templates instanceof Template ? [slab.templates] : slab.templates;
  for (const template of new Set(templates)) {
    template.slabs -= 1;
    if (template.slabs === 0) turn.state.templates.delete(template.id);
  }
}
