// The scheduler's word on one task: compute it, free it, abort it. What each order means in each
// state of the task. Corresponds to the stimulus handlers of dask's worker state machine.
import { assertNever, type WireKey } from "@acme/protocol";
import { type ComputeTask, dropComputation, setComputation } from "./computation.js";
import { type Core, findTask, isWanted, obtainTask, send, takesNoWork } from "./context.js";
import { sendFinished } from "./finish.js";
import { answerSteals } from "./steal.js";
import type { Task } from "./task.js";
import { move, settle } from "./transition.js";

export function computeTask(core: Core, message: ComputeTask): void {
  const task = obtainTask(core, message.key);
  if (takesNoWork(core) && task.state !== "memory" && task.order === null) {
    send(core, { op: "reschedule", key: message.key, stimulus_id: core.stimulusId });
    settle(core, task);
    return;
  }
  if (task.order !== null) answerSteals(core, task.order, task.state);
  task.runId = message.run_id;
  switch (task.state) {
    case "memory":
      sendFinished(core, task, undefined);
      return;
    case "waiting":
    case "constrained":
    case "ready":
    case "executing":
    case "long-running":
      return;
    case "flight":
      task.previous = "flight";
      move(core, task, "cancelled");
      resumeCancelled(core, task, message);
      return;
    case "cancelled":
      resumeCancelled(core, task, message);
      return;
    case "resumed":
      resumeAgain(core, task, message);
      return;
    case "fetch":
    case "missing":
    case "error":
      move(core, task, "released");
      setComputation(core, task, message);
      settle(core, task);
      return;
    case "released":
      setComputation(core, task, message);
      settle(core, task);
      return;
    case "rescheduled":
    case "forgotten":
      return;
    default:
      assertNever(task.state);
  }
}

// A run that was only cancelled is taken up again; one that was aborted, or a fetch, has to end.
function resumeCancelled(core: Core, task: Task, message: ComputeTask): void {
  const { previous } = task;
  if (previous !== null && previous !== "flight" && task.order?.aborted === false) {
    move(core, task, previous);
    return;
  }
  setComputation(core, task, message);
  move(core, task, "resumed");
  task.next = "waiting";
}

function resumeAgain(core: Core, task: Task, message: ComputeTask): void {
  if (task.next === "waiting") return;
  const { previous } = task;
  if (previous !== null && previous !== "flight" && task.order?.aborted === false) {
    move(core, task, previous);
    return;
  }
  setComputation(core, task, message);
  task.next = "waiting";
}

/** The scheduler wants nothing of these keys any more; a run goes on silently. */
export function freeKeys(core: Core, keys: readonly WireKey[]): void {
  for (const wire of keys) {
    const task = findTask(core, wire);
    if (task !== undefined) freeTask(core, task);
  }
}

export function freeTask(core: Core, task: Task): void {
  task.replica = false;
  switch (task.state) {
    case "executing":
    case "long-running":
      task.previous = task.state;
      move(core, task, "cancelled");
      return;
    case "flight":
      if (isWanted(task)) return;
      task.previous = "flight";
      move(core, task, "cancelled");
      return;
    case "resumed":
      move(core, task, "cancelled");
      if (task.order?.aborted !== false) dropComputation(core, task);
      return;
    case "fetch":
    case "missing":
      if (isWanted(task)) return;
      giveUp(core, task);
      return;
    case "memory":
      dropValue(core, task);
      return;
    case "waiting":
    case "constrained":
    case "ready":
    case "error":
      giveUp(core, task);
      return;
    case "cancelled":
    case "released":
    case "rescheduled":
    case "forgotten":
      return;
    default:
      assertNever(task.state);
  }
}

/** A task that does not run is not to be computed any more. */
export function giveUp(core: Core, task: Task): void {
  move(core, task, "released");
  dropComputation(core, task);
  settle(core, task);
}

/** Drops a value and tells the scheduler, for whom it was a replica until now. */
export function dropValue(core: Core, task: Task): void {
  tellDropped(core, task.wire);
  move(core, task, "released");
  settle(core, task);
}

/** To a scheduler of our own, all keys that are dropped in a row go in one message. */
function tellDropped(core: Core, key: WireKey): void {
  const last = core.out.toScheduler.at(-1);
  if (core.state.acme && last?.op === "release-worker-data") {
    last.keys ??= [];
    last.keys.push(key);
  } else send(core, { op: "release-worker-data", key, stimulus_id: core.stimulusId });
}

/** dask's scheduler cancels what has not started; ours also aborts what runs. */
export function cancelCompute(core: Core, wire: WireKey, abort: boolean): void {
  const task = findTask(core, wire);
  if (task === undefined) return;
  const { state, order } = task;
  if (state === "waiting" || state === "ready" || state === "constrained") {
    giveUp(core, task);
    return;
  }
  if (!abort || order === null) return;
  if (state !== "cancelled") freeTask(core, task);
  if (order.aborted) return;
  order.aborted = true;
  core.out.exec.push({ type: "cancel", orderId: order.orderId });
}
