// Decides at the end of a step where ready tasks go, best priority first. Tasks that start a
// computation are held in their constraint's queue until a worker has room; all others go at once
// to the worker that chooseWorker names. Corresponds to dask's waiting→processing and
// stimulus_queue_slots_maybe_opened.
import { leastLoaded } from "./buckets.js";
import { chooseWorker } from "./choose-worker.js";
import type { Constraint } from "./constraint.js";
import { busyCount } from "./flight.js";
import { isRootish } from "./groups.js";
import { loadChanged, validWorkers } from "./open-workers.js";
import { dequeue, enqueue, peek } from "./ready-queue.js";
import { byPriority, flag, isSet, type Task } from "./task.js";
import { isNative } from "./template.js";
import { enter, recommend, settle } from "./transitions/engine.js";
import { dispatch } from "./transitions/to-processing.js";
import { type Turn, wakeBy } from "./turn.js";
import type { WorkerState } from "./worker-state.js";

/** Places everything that can be placed. */
export function place(turn: Turn): void {
  if (turn.workersChanged) reviveUnrunnable(turn);
  placeReady(turn);
  placeQueued(turn);
  placeLonely(turn);
}

/** Whether a task may wait on the scheduler: holding it back costs nothing. */
function isQueueable(turn: Turn, task: Task): boolean {
  if (isSet(task, flag.actor | flag.unqueueable)) return false;
  if (task.dependencies === null || isSet(task, flag.dataProducer)) return true;
  return isRootish(turn.state, task.group);
}

function placeReady(turn: Turn): void {
  const state = turn.state;
  while (state.ready.length > 0) {
    const ready = state.ready;
    state.ready = [];
    if (!isSorted(ready)) ready.sort(byPriority);
    for (const task of ready) {
      task.flags &= ~flag.inReady;
      if (task.state === "waiting" && task.waitingOn === 0) placeOne(turn, task);
    }
    settle(turn);
  }
}

// A graph lists its tasks in order already; sorting them again would cost as much as placing.
function isSorted(tasks: readonly Task[]): boolean {
  for (let i = 1; i < tasks.length; i++) {
    if (byPriority(tasks[i - 1] as Task, tasks[i] as Task) > 0) return false;
  }
  return true;
}

function placeOne(turn: Turn, task: Task): void {
  const state = turn.state;
  if (isSet(task, flag.suspect) && !isNative(task)) {
    beLonely(turn, task);
    return;
  }
  if (!isQueueable(turn, task)) {
    const worker = chooseWorker(state, task);
    worker === null ? noWorker(turn, task) : dispatch(turn, task, worker);
    return;
  }
  const { constraint } = task;
  if (constraint.restricted && validWorkers(state, constraint).size === 0) {
    noWorker(turn, task);
    return;
  }
  if (constraint.queue.size === 0 && turn.placementsLeft > 0) {
    const worker = openWorker(turn, constraint);
    if (worker !== null) {
      turn.placementsLeft -= 1;
      dispatch(turn, task, worker);
      return;
    }
  }
  enter(turn, task, "queued");
  enqueue(constraint.queue, task);
  state.queued.add(constraint);
}

function noWorker(turn: Turn, task: Task): void {
  enter(turn, task, "no-worker");
  task.constraint.unrunnable.set(task, turn.nowMs);
}

function openWorker(turn: Turn, constraint: Constraint): WorkerState | null {
  const { open } = constraint;
  return open.size === 0 ? null : leastLoaded(open, validWorkers(turn.state, constraint));
}

/** Hands out queued tasks while there is room, best priority over all constraints first. */
function placeQueued(turn: Turn): void {
  const candidates = [...turn.state.queued];
  while (candidates.length > 0) {
    const at = candidates.length === 1 ? 0 : bestOf(candidates);
    const constraint = candidates[at] as Constraint;
    if (turn.placementsLeft <= 0) {
      wakeBy(turn, turn.nowMs);
      return;
    }
    const worker = openWorker(turn, constraint);
    const task = worker === null ? null : dequeue(constraint.queue);
    if (worker === null || task === null) {
      candidates.splice(at, 1);
      continue;
    }
    turn.placementsLeft -= 1;
    dispatch(turn, task, worker);
    if (constraint.queue.size === 0) candidates.splice(candidates.indexOf(constraint), 1);
  }
}

function bestOf(constraints: readonly Constraint[]): number {
  let best = 0;
  let bestTask: Task | null = null;
  for (let i = 0; i < constraints.length; i++) {
    const task = peek((constraints[i] as Constraint).queue);
    if (task === null || (bestTask !== null && byPriority(task, bestTask) >= 0)) continue;
    best = i;
    bestTask = task;
  }
  return best;
}

/** Tasks that nobody could run: some worker came or changed. */
function reviveUnrunnable(turn: Turn): void {
  const state = turn.state;
  for (const constraint of state.constraints.values()) {
    if (constraint.unrunnable.size === 0) continue;
    if (validWorkers(state, constraint).size === 0) continue;
    for (const task of [...constraint.unrunnable.keys()].sort(byPriority)) {
      if (isSet(task, flag.suspect)) recommend(turn, task, "released");
      else if (isQueueable(turn, task)) {
        const worker = openWorker(turn, constraint);
        if (worker !== null) dispatch(turn, task, worker);
        else recommend(turn, task, "released");
      } else {
        const worker = chooseWorker(state, task);
        if (worker !== null) dispatch(turn, task, worker);
      }
    }
  }
  settle(turn);
}

/** A suspect that cannot be isolated gets a worker to itself. */
function beLonely(turn: Turn, task: Task): void {
  enter(turn, task, "queued");
  task.flags |= flag.lonely;
  turn.state.lonely.add(task);
}

function placeLonely(turn: Turn): void {
  const state = turn.state;
  if (state.lonely.size === 0) return;
  for (const task of [...state.lonely].sort(byPriority)) {
    const worker = ownWorker(turn, task);
    if (worker === null) continue;
    worker.reservedFor = task;
    loadChanged(worker);
    // A task that left its slot may wait for this very one.
    if (busyCount(worker) === 0) dispatch(turn, task, worker);
  }
}

/** The worker reserved for it already, else an empty one, else the one that is done soonest. */
function ownWorker(turn: Turn, task: Task): WorkerState | null {
  let best: WorkerState | null = null;
  for (const worker of validWorkers(turn.state, task.constraint)) {
    if (worker.reservedFor === task) return worker;
    if (worker.reservedFor !== null) continue;
    if (best === null || worker.occupancyUs < best.occupancyUs) best = worker;
  }
  return best;
}
