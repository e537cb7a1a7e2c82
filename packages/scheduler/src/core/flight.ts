// Bookkeeping of a task on a worker, from dispatch to landing: loads, occupancy, templates in use,
// and the sets of workers that are crowded or idle. Everything added here is taken back exactly.
import { assert } from "@acme/protocol";
import { durationUs, loadUs, transferUs } from "./durations.js";
import { avoid, loadChanged } from "./open-workers.js";
import type { Flight, Task } from "./task.js";
import { templateOf } from "./template.js";
import type { Turn } from "./turn.js";
import type { WorkerState } from "./worker-state.js";

/** Books a task on a worker. */
export function takeOff(turn: Turn, task: Task, worker: WorkerState, isolated: boolean): Flight {
  const duration = durationUs(task);
  const flight: Flight = {
    worker,
    sentAtMs: turn.nowMs,
    durationUs: duration,
    loadUs: loadUs(task),
    costUs: duration + transferUs(turn.state, task, worker),
    isolated,
    longRunning: false,
    steal: null,
    started: false,
  };
  task.flight = flight;
  worker.processing.add(task);
  worker.loadUs += flight.loadUs;
  worker.occupancyUs += flight.costUs;
  turn.idle.delete(worker);
  loadChanged(worker);
  noteCrowd(turn, worker);
  return flight;
}

/** Takes a task off its worker, for whatever reason; returns the worker. */
export function land(turn: Turn, task: Task): WorkerState {
  const flight = task.flight;
  assert(flight !== null, "a task that is processing has a flight");
  const worker = flight.worker;
  worker.processing.delete(task);
  worker.landedAtMs = turn.nowMs;
  if (flight.longRunning) worker.longRunning -= 1;
  worker.loadUs -= flight.loadUs;
  worker.occupancyUs -= flight.costUs;
  if (flight.steal !== null) flight.steal.thief.stealsComing -= 1;
  if (worker.reservedFor === task) unreserve(turn, worker);
  const template = templateOf(task);
  if (template !== null) {
    const known = worker.templates.get(template.id);
    if (known !== undefined) known.inFlight -= 1;
  }
  task.flight = null;
  loadChanged(worker);
  avoid(worker);
  noteCrowd(turn, worker);
  return worker;
}

/** The worker is everybody's again; tasks may have waited for just that. */
export function unreserve(turn: Turn, worker: WorkerState): void {
  worker.reservedFor = null;
  turn.workersChanged = true;
}

/** A task left its slot but goes on: it counts no longer. */
export function secede(turn: Turn, task: Task): void {
  const flight = task.flight;
  if (flight === null || flight.longRunning) return;
  const worker = flight.worker;
  flight.longRunning = true;
  // What it waits for may need this worker.
  if (worker.reservedFor === task) unreserve(turn, worker);
  worker.longRunning += 1;
  worker.loadUs -= flight.loadUs;
  worker.occupancyUs -= flight.costUs;
  flight.loadUs = 0;
  flight.costUs = 0;
  loadChanged(worker);
  noteCrowd(turn, worker);
}

/** Tasks that occupy or wait for a slot. */
export const busyCount = (worker: WorkerState): number =>
  worker.processing.size - worker.longRunning;

function noteCrowd(turn: Turn, worker: WorkerState): void {
  const busy = busyCount(worker);
  if (busy > worker.nthreads) turn.state.crowded.add(worker);
  else turn.state.crowded.delete(worker);
  if (busy < worker.nthreads) turn.idle.add(worker);
}
