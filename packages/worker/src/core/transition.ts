// Moves one task from one state to the next: what has to be undone on leaving a state and what
// has to be set up on entering it, so that no two rooms keep the same books. A move may move
// the tasks that wait for this one; it decides nothing that looks at many tasks.
import { assert, assertNever } from "@acme/protocol";
import { dropComputation, wantInput } from "./computation.js";
import { type Core, isWanted, send } from "./context.js";
import { settleAskings } from "./gather-request.js";
import { enterFetch, enterMissing, leaveFetch, leaveMissing } from "./holders.js";
import { tell } from "./story.js";
import { pythonConstraint, type Task, type TaskState } from "./task.js";
import { TaskHeap } from "./task-heap.js";
import { transitionTable } from "./transition-table.js";
import { enterMemory, leaveMemory, pinInputs, unpinInputs } from "./values.js";

/** Moves a task along one edge of the table. */
export function move(core: Core, task: Task, to: TaskState): void {
  const from = task.state;
  assert(transitionTable[from].has(to), `no edge from ${from} to ${to} for ${task.key}`);
  leave(core, task, to);
  tell(core.state.story, task, to, core);
  task.state = to;
  enter(core, task, from);
}

/** Decides what becomes of a released task: computed, fetched, asked for, or forgotten. */
export function settle(core: Core, task: Task): void {
  if (task.state !== "released") return;
  if (task.computation !== null) {
    move(core, task, "waiting");
    return;
  }
  if (task.whoHas !== null && task.whoHas.size > 0 && isWanted(task)) {
    move(core, task, "fetch");
    return;
  }
  if (task.askings !== null) settleAskings(core, task, false);
  if (task.replica || task.dependents !== null) {
    move(core, task, "missing");
    return;
  }
  move(core, task, "forgotten");
}

/** Takes a task out of whatever it waits for or holds, and decides anew. */
export function release(core: Core, task: Task): void {
  move(core, task, "released");
  settle(core, task);
}

/** Makes a `waiting` or returned task runnable. */
export function makeReady(core: Core, task: Task): void {
  move(core, task, task.computation?.constraint == null ? "ready" : "constrained");
}

function leave(core: Core, task: Task, to: TaskState): void {
  switch (task.state) {
    case "ready":
    case "constrained":
      leaveReady(core, task, to);
      return;
    case "executing":
    case "long-running":
      if (to !== "long-running") unpinInputs(core, task);
      return;
    case "fetch":
      leaveFetch(core, task);
      return;
    case "missing":
      leaveMissing(core, task);
      return;
    case "memory":
      leaveMemory(core, task);
      return;
    case "error":
      core.state.erred.delete(task);
      return;
    case "cancelled":
      if (to !== "resumed") task.previous = null;
      return;
    case "resumed":
      task.next = null;
      if (to !== "cancelled") task.previous = null;
      return;
    case "waiting":
      task.waitingOn = 0;
      return;
    case "released":
    case "flight":
    case "rescheduled":
    case "forgotten":
      return;
    default:
      assertNever(task.state);
  }
}

function enter(core: Core, task: Task, from: TaskState): void {
  switch (task.state) {
    case "released":
      if (from === "memory") reawaken(core, task);
      return;
    case "waiting":
      enterWaiting(core, task);
      return;
    case "ready":
      core.state.ready.push(task);
      return;
    case "constrained":
      constrainedHeap(core, task).push(task);
      if (task.computation?.constraint === pythonConstraint) holdForPython(core, task);
      return;
    case "executing":
    case "long-running":
      pinInputs(core, task);
      return;
    case "fetch":
      enterFetch(core, task);
      return;
    case "missing":
      enterMissing(core, task);
      return;
    case "memory":
      enterMemoryAndTell(core, task);
      return;
    case "error":
      enterError(core, task);
      return;
    case "rescheduled":
      send(core, { op: "reschedule", key: task.wire, stimulus_id: core.stimulusId });
      dropComputation(core, task);
      return;
    case "forgotten":
      core.state.tasks.delete(task.key);
      return;
    case "flight":
    case "cancelled":
    case "resumed":
      return;
    default:
      assertNever(task.state);
  }
}

function holdForPython(core: Core, task: Task): void {
  const { foreign, foreignRounds, limits } = core.state;
  const rounds = foreignRounds.get(task.key) ?? 1;
  const holdMs = limits.foreignHoldMs * limits.foreignHoldGrowth ** (rounds - 1);
  foreign.set(task, core.nowMs + holdMs);
}

function enterWaiting(core: Core, task: Task): void {
  let missing = 0;
  for (const input of task.dependencies) {
    if (input.state === "memory") continue;
    missing += 1;
    wantInput(core, input);
  }
  task.waitingOn = missing;
  if (missing === 0) makeReady(core, task);
}

function leaveReady(core: Core, task: Task, to: TaskState): void {
  if (task.heapIndex >= 0) {
    const constraint = task.state === "constrained" ? task.computation!.constraint! : null;
    const heap = constraint === null ? core.state.ready : core.state.constrained.get(constraint)!;
    heap.remove(task);
    if (constraint !== null && heap.size === 0) core.state.constrained.delete(constraint);
  } else if (core.state.loading.delete(task)) {
    for (const input of task.dependencies) input.waiters?.delete(task);
    task.loading = 0;
  }
  core.state.foreign.delete(task);
  if (to !== "executing") unpinInputs(core, task);
}

/** The heap of the tasks that need the same resources and slots as this one. */
export function constrainedHeap(core: Core, task: Task): TaskHeap {
  const constraint = task.computation!.constraint!;
  let heap = core.state.constrained.get(constraint);
  if (heap === undefined) {
    heap = new TaskHeap();
    core.state.constrained.set(constraint, heap);
  }
  return heap;
}

function enterMemoryAndTell(core: Core, task: Task): void {
  enterMemory(core, task);
  dropComputation(core, task);
  task.whoHas = null;
  if (task.askings !== null) settleAskings(core, task, true);
  if (task.dependents === null) return;
  for (const dependent of task.dependents) {
    if (dependent.state !== "waiting") continue;
    dependent.waitingOn -= 1;
    if (dependent.waitingOn === 0) makeReady(core, dependent);
  }
}

// A value went while tasks still need it: they wait for it again.
function reawaken(core: Core, task: Task): void {
  if (task.dependents === null) return;
  for (const dependent of [...task.dependents]) {
    if (dependent.state === "waiting") {
      dependent.waitingOn += 1;
    } else if (dependent.state === "ready" || dependent.state === "constrained") {
      move(core, dependent, "released");
      move(core, dependent, "waiting");
    }
  }
}

function enterError(core: Core, task: Task): void {
  const { erred, limits } = core.state;
  dropComputation(core, task);
  if (task.askings !== null) settleAskings(core, task, false);
  erred.add(task);
  if (erred.size <= limits.erredTasksKept) return;
  const [oldest] = erred;
  if (oldest !== undefined) release(core, oldest);
}
