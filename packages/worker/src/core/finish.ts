// The end of an order: a value, an error, or nothing. What it means depends on whether the task
// is still wanted; what is reported carries the run id of the latest request.
import { assertNever, type Serialized } from "@acme/protocol";
import { dropComputation } from "./computation.js";
import { giveUp } from "./compute-task.js";
import { type Core, send, takesNoWork } from "./context.js";
import type { FailedOutcome, OkOutcome, Outcome } from "./events.js";
import { holdForeign } from "./foreign.js";
import { takeFromSlot } from "./slots.js";
import { answerSteals, hasSteals } from "./steal.js";
import type { Order, Task } from "./task.js";
import { makeReady, move, release, settle } from "./transition.js";
import { keepValue } from "./values.js";

const noMetadata: ReadonlyMap<string, unknown> = new Map();
/** Weight of the newest duration in the moving average, as in dask. */
const newestWeight = 0.5;

/** An order ended. One that is not known any more ended before; its value is not kept. */
export function orderEnded(core: Core, orderId: number, outcome: Outcome): void {
  const order = core.state.orders.get(orderId);
  if (order === undefined) return;
  const { task } = order;
  const stolen = answerAtEnd(core, order, outcome);
  core.state.orders.delete(orderId);
  takeFromSlot(core, order);
  giveBackResources(core, order);
  task.order = null;
  if (outcome.type === "ok") learnDuration(order, outcome.stopMs - outcome.startMs);
  switch (task.state) {
    case "executing":
    case "long-running":
      stolen ? giveUp(core, task) : endRun(core, task, order, outcome);
      return;
    case "cancelled":
      endUnwanted(core, task);
      return;
    case "resumed":
      endResumed(core, task, order, outcome);
      return;
    default:
      throw new RangeError(`An order of a task in state ${task.state} ended: ${task.key}`);
  }
}

// A steal request that waited for this: an order that comes back unstarted can be stolen.
function answerAtEnd(core: Core, order: Order, outcome: Outcome): boolean {
  if (!hasSteals(order)) return false;
  const { task } = order;
  const unstarted = outcome.type === "returned" && task.state === "executing";
  if (!unstarted) {
    answerSteals(core, order, task.state);
    return false;
  }
  answerSteals(core, order, task.computation?.constraint == null ? "ready" : "constrained");
  return true;
}

function endRun(core: Core, task: Task, order: Order, outcome: Outcome): void {
  switch (outcome.type) {
    case "ok":
      keepResult(core, task, order, outcome);
      sendFinished(core, task, outcome.inline);
      return;
    case "foreign":
      if (core.state.link === null || holdForeign(core, task)) runAgain(core, task);
      else failRun(core, task, order, outcome);
      return;
    case "error":
    case "died":
      failRun(core, task, order, outcome);
      return;
    case "rescheduled":
      move(core, task, "rescheduled");
      release(core, task);
      return;
    case "returned":
    case "aborted":
      runAgain(core, task);
      return;
    default:
      assertNever(outcome);
  }
}

function failRun(core: Core, task: Task, order: Order, outcome: FailedOutcome): void {
  sendErred(core, task, order, outcome);
  move(core, task, "error");
}

// A run that moved out of its slot cannot be handed over again, and a worker may start none.
// Without a scheduler the task is no longer ours: what does not run is not offered to the next.
function runAgain(core: Core, task: Task): void {
  if (core.state.link === null) {
    endUnwanted(core, task);
    return;
  }
  if (takesNoWork(core) || task.state === "long-running") {
    move(core, task, "rescheduled");
    release(core, task);
    return;
  }
  const complete = task.dependencies.every((input) => input.state === "memory");
  if (complete) makeReady(core, task);
  else release(core, task);
}

function endUnwanted(core: Core, task: Task): void {
  move(core, task, "released");
  dropComputation(core, task);
  settle(core, task);
}

function endResumed(core: Core, task: Task, order: Order, outcome: Outcome): void {
  if (task.next === "waiting") {
    release(core, task);
    return;
  }
  if (outcome.type === "ok" && !order.aborted) {
    keepResult(core, task, order, outcome);
    send(core, { op: "add-keys", keys: [task.wire], stimulus_id: core.stimulusId });
    return;
  }
  endUnwanted(core, task);
}

function keepResult(core: Core, task: Task, order: Order, outcome: OkOutcome): void {
  task.finished = {
    typename: outcome.typename,
    startMs: outcome.startMs,
    stopMs: outcome.stopMs,
    wireType: outcome.wireType,
    metadata: outcome.metadata,
  };
  core.state.executed += 1;
  keepValue(core, task, { source: "order", id: order.orderId, nbytes: outcome.nbytes });
}

/** Reports a task in memory, with the run id it was last asked for. */
export function sendFinished(core: Core, task: Task, inline: Serialized | undefined): void {
  const { finished } = task;
  const message = {
    op: "task-finished" as const,
    key: task.wire,
    run_id: task.runId,
    nbytes: task.nbytes,
    type: (finished?.wireType ?? null) as Uint8Array | Serialized | null,
    typename: finished?.typename ?? "",
    metadata: finished?.metadata ?? noMetadata,
    thread: null,
    startstops: finished === null ? [] : [startStop(finished.startMs, finished.stopMs)],
    stimulus_id: core.stimulusId,
  };
  send(core, inline !== undefined && core.state.acme ? { ...message, result: inline } : message);
}

function sendErred(core: Core, task: Task, order: Order, outcome: FailedOutcome): void {
  const message = {
    op: "task-erred" as const,
    key: task.wire,
    run_id: task.runId,
    exception: outcome.exception as Uint8Array | Serialized,
    traceback: outcome.traceback as Uint8Array | Serialized | null,
    exception_text: outcome.exceptionText,
    traceback_text: outcome.tracebackText,
    thread: order.slot,
    startstops: [startStop(outcome.startMs, outcome.stopMs)],
    stimulus_id: core.stimulusId,
  };
  if (outcome.type !== "died" || !core.state.acme) send(core, message);
  else if (outcome.death === undefined) send(core, { ...message, died: true });
  else send(core, { ...message, died: true, death: outcome.death });
}

function startStop(startMs: number, stopMs: number): Map<string, unknown> {
  const entry = new Map<string, unknown>();
  entry.set("action", "compute");
  entry.set("start", startMs / 1_000);
  entry.set("stop", stopMs / 1_000);
  return entry;
}

function giveBackResources(core: Core, order: Order): void {
  const held = order.resources;
  if (held === null) return;
  const { available } = core.state;
  for (const [name, amount] of held) available.set(name, (available.get(name) ?? 0) + amount);
}

function learnDuration(order: Order, durationMs: number): void {
  const { template } = order;
  if (template === null || !(durationMs >= 0)) return;
  const known = template.durationMs;
  template.durationMs =
    known === null ? durationMs : newestWeight * durationMs + (1 - newestWeight) * known;
}
