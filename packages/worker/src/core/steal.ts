// Steal requests: each one is answered with the state before anything is released. For an order
// that was handed over but may not have started the executor is asked first.

import type { WireKey } from "@acme/protocol";
import { giveUp } from "./compute-task.js";
import { type Core, findTask, send } from "./context.js";
import { retract } from "./hand-over.js";
import { isHead } from "./slots.js";
import type { Order, TaskState } from "./task.js";

export function stealRequested(core: Core, wire: WireKey, stimulusId: string): void {
  const task = findTask(core, wire);
  const order = task?.order ?? null;
  if (task?.state === "executing" && order !== null && !isHead(core, order)) {
    order.steals ??= [];
    order.steals.push(stimulusId);
    retract(core, order);
    return;
  }
  answer(core, wire, task?.state ?? null, stimulusId);
  if (task?.state === "ready" || task?.state === "constrained" || task?.state === "waiting") {
    giveUp(core, task);
  }
}

/** A retract came too late: the order runs. */
export function orderClaimed(core: Core, orderId: number): void {
  const order = core.state.orders.get(orderId);
  if (order === undefined) return;
  order.retracting = false;
  answerSteals(core, order, order.task.state);
}

export const hasSteals = (order: Order): boolean => order.steals !== null;

/** Answers the steal requests that wait for this order. */
export function answerSteals(core: Core, order: Order, state: TaskState): void {
  const steals = order.steals ?? [];
  order.steals = null;
  for (const stimulusId of steals) answer(core, order.task.wire, state, stimulusId);
}

function answer(core: Core, key: WireKey, state: TaskState | null, stimulusId: string): void {
  send(core, { op: "steal-response", key, state, stimulus_id: stimulusId });
}
