// Who holds which value: both directions at once, with bytes per worker. Also keeps the list of
// results that a leaving worker is the only one to hold.
import { bytesOf } from "./durations.js";
import { added, copyOf, each, firstOf, has, removed, sizeOf } from "./relations.js";
import type { SchedulerState } from "./state.js";
import { flag, isSet, type Task } from "./task.js";
import type { Turn } from "./turn.js";
import type { WorkerState } from "./worker-state.js";

/** A worker holds the value of a task. */
export function addReplica(turn: Turn, task: Task, worker: WorkerState): void {
  if (has(task.whoHas, worker)) return;
  task.whoHas = added(task.whoHas, worker);
  worker.hasWhat.add(task);
  worker.heldBytes += bytesOf(task);
  noteReplicated(turn, task);
  if (turn.state.retiring.size > 0) noteRescue(turn, task);
}

/** It is an actor of this worker; what other workers hold of it is a handle. */
export const livesOn = (state: SchedulerState, task: Task, worker: WorkerState): boolean =>
  isSet(task, flag.actor) && state.actors.get(task) === worker;

/**
 * It runs the language in which the value was made. What others hold is a translation, which may
 * say less: it does not stand in for the last original.
 */
export const isOriginal = (task: Task, { lang }: WorkerState): boolean =>
  (task.constraint.spec.lang ?? lang) === lang;

export function removeReplica(turn: Turn, task: Task, worker: WorkerState): void {
  if (!has(task.whoHas, worker)) return;
  task.whoHas = removed(task.whoHas, worker);
  worker.hasWhat.delete(task);
  worker.heldBytes -= bytesOf(task);
  if (turn.state.replicated.size > 0 && sizeOf(task.whoHas) < 2) turn.state.replicated.delete(task);
  if (livesOn(turn.state, task, worker)) turn.state.actors.set(task, null);
  turn.state.retiring.get(worker)?.rescues.delete(task);
  if (turn.state.retiring.size > 0) noteRescue(turn, task);
}

export function removeAllReplicas(turn: Turn, task: Task): void {
  for (const worker of copyOf(task.whoHas)) removeReplica(turn, task, worker);
}

/** The size became known: the holders' sums follow. */
export function setBytes(task: Task, bytes: number): void {
  const before = bytesOf(task);
  task.nbytes = bytes;
  const change = bytesOf(task) - before;
  if (change !== 0) for (const worker of each(task.whoHas)) worker.heldBytes += change;
}

/** Workers of ours look after their copies themselves. */
function noteReplicated(turn: Turn, task: Task): void {
  if (sizeOf(task.whoHas) < 2) return;
  for (const worker of each(task.whoHas)) {
    if (worker.acme > 0) continue;
    turn.state.replicated.add(task);
    return;
  }
}

function noteRescue(turn: Turn, task: Task): void {
  const retiring = turn.state.retiring;
  let safe = false;
  for (const worker of each(task.whoHas)) if (!retiring.has(worker)) safe = true;
  const keeper = safe || sizeOf(task.whoHas) === 0 ? null : firstOf(task.whoHas);
  for (const [worker, retirement] of retiring) {
    if (worker !== keeper) retirement.rescues.delete(task);
    else if (!retirement.rescues.has(task)) {
      retirement.rescues.set(task, { askedMs: 0, recipient: null });
    }
  }
}
