// → released, from every state but forgotten: whatever the task held is given back. A task that is
// still needed goes on to waiting. Corresponds to dask's _transition_*_released.

import { land, unreserve } from "../flight.js";
import { loadChanged } from "../open-workers.js";
import { dropQueued } from "../ready-queue.js";
import { copyOf, each } from "../relations.js";
import { removeAllReplicas } from "../replicas.js";
import { actorLost } from "../scheduler-errors.js";
import { flag, isSet, rareOf, type Task } from "../task.js";
import { freeKey, type Turn, toClient } from "../turn.js";
import { isActive, isNeeded, stopWaiting } from "./active.js";
import { enter, recommend } from "./engine.js";

export function toReleased(turn: Turn, task: Task): void {
  switch (task.state) {
    case "memory":
      fromMemory(turn, task);
      return;
    case "erred":
      fromErred(turn, task);
      return;
    case "processing": {
      const worker = land(turn, task);
      freeKey(turn, worker, task.key);
      break;
    }
    case "queued":
      leaveQueue(turn, task);
      break;
    case "no-worker":
      task.constraint.unrunnable.delete(task);
      break;
    default:
  }
  enter(turn, task, "released");
  stopWaiting(turn, task);
  if (isSet(task, flag.lostDependencies)) recommend(turn, task, "forgotten");
  else if (!isNeeded(task)) forgetUnlessUseful(turn, task);
  else if (task.rare === null || task.rare.blame === null) recommend(turn, task, "waiting");
}

/** A task that nobody wants and nothing depends on has no reason to exist. */
export function forgetUnlessUseful(turn: Turn, task: Task): void {
  if (task.whoWants === null && task.dependents === null) recommend(turn, task, "forgotten");
}

/** Takes a task out of whatever queue it is in; its state changes right after. */
export function leaveQueue(turn: Turn, task: Task): void {
  if (isSet(task, flag.lonely)) {
    task.flags &= ~flag.lonely;
    turn.state.lonely.delete(task);
    for (const worker of turn.state.workers.values()) {
      if (worker.reservedFor !== task) continue;
      unreserve(turn, worker);
      loadChanged(worker);
    }
    return;
  }
  const queue = task.constraint.queue;
  dropQueued(queue);
  if (queue.size === 0) turn.state.queued.delete(task.constraint);
}

function fromMemory(turn: Turn, task: Task): void {
  if (isSet(task, flag.actor) && task.whoWants !== null) {
    const rare = rareOf(task);
    rare.blame = task;
    rare.exception = actorLost(task);
    rare.exceptionText = String(rare.exception.header.get("message"));
    recommend(turn, task, "erred");
    return;
  }
  for (const worker of each(task.whoHas)) freeKey(turn, worker, task.key);
  removeAllReplicas(turn, task);
  enter(turn, task, "released");
  if (task.whoWants !== null) {
    const message = { op: "lost-data" as const, key: task.wire };
    for (const client of each(task.whoWants)) toClient(turn, client, message);
  }
  recommendAfterLoss(turn, task);
  if (task.waiters === 0) return;
  for (const dependent of each(task.dependents)) {
    if (!isActive(dependent.state)) continue;
    if (dependent.state === "waiting") dependent.waitingOn += 1;
    else recommend(turn, dependent, "waiting");
  }
}

function recommendAfterLoss(turn: Turn, task: Task): void {
  if (task.spec === null || isSet(task, flag.lostDependencies)) {
    recommend(turn, task, "forgotten");
    return;
  }
  if (isNeeded(task)) recommend(turn, task, "waiting");
  else forgetUnlessUseful(turn, task);
}

function fromErred(turn: Turn, task: Task): void {
  const rare = rareOf(task);
  rare.blame = null;
  rare.exception = null;
  rare.traceback = null;
  rare.exceptionText = "";
  rare.tracebackText = "";
  for (const dependent of copyOf(task.dependents)) {
    if (dependent.state === "erred") recommend(turn, dependent, "waiting");
  }
  for (const address of rare.erredOn ?? []) {
    const worker = turn.state.workers.get(address as never);
    if (worker !== undefined) freeKey(turn, worker, task.key);
  }
  rare.erredOn = null;
  enter(turn, task, "released");
  // It may have been tried again for a dependent that was forgotten in the same moment.
  forgetUnlessUseful(turn, task);
  if (task.whoWants === null) return;
  const message = { op: "task-retried" as const, key: task.wire };
  for (const client of each(task.whoWants)) toClient(turn, client, message);
}
