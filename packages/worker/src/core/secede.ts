// A task that leaves its slot to wait for others (dask's `secede`): the slot is free for counting,
// the task runs on. The executor opens the slot again with `executor-ready`.
import { type Core, send } from "./context.js";
import { takeFromSlot } from "./slots.js";
import { answerSteals } from "./steal.js";
import { move } from "./transition.js";

export function orderSeceded(core: Core, orderId: number): void {
  const order = core.state.orders.get(orderId);
  if (order === undefined || order.seceded) return;
  const { task } = order;
  const slot = core.state.slots[order.slot];
  takeFromSlot(core, order);
  order.seceded = true;
  order.retracting = false;
  if (slot !== undefined) slot.ready = false;
  if (task.state === "executing") {
    move(core, task, "long-running");
    send(core, {
      op: "long-running",
      key: task.wire,
      run_id: task.runId,
      compute_duration: (core.nowMs - order.startedMs) / 1_000,
      stimulus_id: core.stimulusId,
    });
  } else if (task.previous === "executing") {
    task.previous = "long-running";
  }
  answerSteals(core, order, task.state);
}
