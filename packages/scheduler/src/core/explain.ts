// Why is this task not running? One readable answer for every way a task can stand still.
// Reads only, and writes for people: no program may depend on these words.
import type { TaskKey } from "@acme/protocol";
import { isRunning } from "./buckets.js";
import { fits, isNamed } from "./constraint.js";
import { wanted } from "./no-worker.js";
import { validWorkers } from "./open-workers.js";
import { each, sizeOf } from "./relations.js";
import type { SchedulerState } from "./state.js";
import { flag, isSet, type Task } from "./task.js";

/** A sentence or two about a key, for people. */
export function explain(state: SchedulerState, key: TaskKey): string {
  const task = state.tasks.get(key);
  if (task === undefined) {
    return "The scheduler does not know this key: it was never submitted, or nobody wants it now.";
  }
  switch (task.state) {
    case "released":
      return explainReleased(task);
    case "waiting":
      return explainWaiting(task);
    case "queued":
      return explainQueued(state, task);
    case "no-worker":
      return explainNoWorker(state, task);
    case "processing":
      return explainProcessing(state, task);
    case "memory":
      return `It is done; its result is on ${addresses(task)}.`;
    case "erred":
      return explainErred(task);
    case "forgotten":
      return "It is forgotten.";
  }
}

const addresses = (task: Task): string =>
  Array.from(each(task.whoHas), (worker) => worker.address).join(", ");

function explainReleased(task: Task): string {
  const dependents = sizeOf(task.dependents);
  return `Nobody needs its result at the moment; ${dependents} task(s) could ask for it again.`;
}

function explainWaiting(task: Task): string {
  const missing: string[] = [];
  for (const dependency of each(task.dependencies)) {
    if (dependency.whoHas !== null) continue;
    if (missing.length < 5) missing.push(`${dependency.key} (${dependency.state})`);
  }
  const more = task.waitingOn - missing.length;
  return (
    `It waits for ${task.waitingOn} input(s): ${missing.join(", ")}` +
    `${more > 0 ? ` and ${more} more` : ""}. Ask about those.`
  );
}

function explainQueued(state: SchedulerState, task: Task): string {
  const valid = validWorkers(state, task.constraint);
  if (isSet(task, flag.lonely)) {
    return (
      "A worker died while it ran, so it gets a worker to itself; it waits for one of " +
      `${valid.size} to become empty.`
    );
  }
  if (state.workers.size === 0) return "No worker is connected.";
  if (valid.size === 0) return explainNoWorker(state, task);
  return (
    `All ${valid.size} workers that may run it are busy; ${task.constraint.queue.size} task(s) ` +
    "are queued like it."
  );
}

function explainNoWorker(state: SchedulerState, task: Task): string {
  if (state.workers.size === 0) return "No worker is connected.";
  const { spec } = task.constraint;
  let stopped = 0;
  let why = "";
  let misfit = 0;
  for (const worker of state.workers.values()) {
    if (fits(spec, worker) && isNamed(spec, worker)) {
      if (isRunning(worker)) continue;
      stopped += 1;
      if (why === "" && worker.pauseReason !== null) {
        why = ` ${worker.address} says: ${worker.pauseReason}`;
      }
    } else if (isNamed(spec, worker)) misfit += 1;
  }
  if (stopped > 0) {
    return `${stopped} worker(s) may run it, but they are paused, starting or leaving.${why}`;
  }
  const named = spec.workers !== undefined && misfit === 0;
  if (named) return `None of the workers it is restricted to is here: ${spec.workers?.join(", ")}.`;
  return `None of ${state.workers.size} workers fits: it needs ${wanted(task.constraint)}.`;
}

function explainProcessing(state: SchedulerState, task: Task): string {
  const flight = task.flight;
  if (flight === null) return "It is being placed.";
  const seconds = ((state.nowMs - flight.sentAtMs) / 1000).toFixed(1);
  const { worker } = flight;
  let before = 0;
  for (const other of worker.processing) {
    if (other === task) break;
    if (other.flight?.longRunning !== true) before += 1;
  }
  const where = `It was sent to ${worker.address} ${seconds} s ago`;
  if (flight.longRunning) return `${where} and has left its slot (long-running).`;
  if (flight.steal !== null) return `${where} and is being moved to ${flight.steal.thief.address}.`;
  if (flight.isolated) return `${where} and runs alone, since a worker died while it ran before.`;
  if (before < worker.nthreads) return `${where} and should be running.`;
  return `${where}; ${before} task(s) are before it on ${worker.nthreads} slot(s).`;
}

function explainErred(task: Task): string {
  const blame = task.rare?.blame ?? task;
  const text = blame.rare?.exceptionText ?? "";
  if (blame === task) return `It failed: ${text}`;
  return `It cannot run because ${blame.key} failed: ${text}`;
}
