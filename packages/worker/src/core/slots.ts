// The books of the slots: which orders each one has, which one of them runs, and how much work
// that is. What goes where is decided in hand-over.ts.
import type { Core } from "./context.js";
import type { Slot } from "./events.js";
import type { SlotState } from "./state.js";
import type { Order } from "./task.js";

/** Ready to run, and free for a task that wants it alone. */
export const isIdle = (slot: SlotState): boolean =>
  slot.ready && slot.orders.length === 0 && slot.lentTo === null;

/** The order that runs in its slot; those behind it wait there. */
export const isHead = (core: Pick<Core, "state">, order: Order): boolean =>
  order.seceded || core.state.slots[order.slot]?.orders[0] === order;

export function putInSlot(core: Core, order: Order): void {
  const slot = core.state.slots[order.slot] as SlotState;
  slot.orders.push(order);
  slot.plannedMs += order.expectedMs ?? 0;
  for (const other of order.alsoSlots) (core.state.slots[other] as SlotState).lentTo = order;
}

/** The order ended or went on elsewhere; the one behind it starts now. */
export function takeFromSlot(core: Core, order: Order): void {
  if (order.seceded) return;
  const slot = core.state.slots[order.slot] as SlotState;
  if (slot.orders[0] === order) {
    slot.orders.shift();
    const next = slot.orders[0];
    if (next !== undefined) next.startedMs = core.nowMs;
  } else {
    slot.orders.splice(slot.orders.indexOf(order), 1);
  }
  // Set anew when empty, so that rounding never adds up.
  slot.plannedMs = slot.orders.length === 0 ? 0 : slot.plannedMs - (order.expectedMs ?? 0);
  for (const other of order.alsoSlots) (core.state.slots[other] as SlotState).lentTo = null;
}

/** When the running order of a slot is overdue; null: nothing waits behind it. */
export function overdueAtMs(core: Core, slot: SlotState): number | null {
  const head = slot.orders[0];
  if (head === undefined || slot.orders.length === 1) return null;
  return head.startedMs + (head.expectedMs ?? 0) + core.state.limits.overdueMs;
}

export function executorReady(core: Core, slot: Slot): void {
  const state = core.state.slots[slot];
  if (state !== undefined) state.ready = true;
}

export function executorLost(core: Core, slot: Slot): void {
  const state = core.state.slots[slot];
  if (state !== undefined) state.ready = false;
}
