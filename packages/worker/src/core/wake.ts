// When the core has to be called again although nothing happens.
// What then happens is decided by the next step; timers are the shell's.
import type { Core } from "./context.js";
import { overdueAtMs } from "./slots.js";
import { wantsSpill } from "./spill.js";

/** The earliest time at which something falls due; null: nothing will. */
export function nextWakeMs(core: Core): number | null {
  const { state, nowMs } = core;
  let wake = Number.POSITIVE_INFINITY;
  const due = (atMs: number): void => {
    if (atMs < wake) wake = atMs;
  };
  if (state.link !== null) {
    due(state.heartbeatAtMs);
    if (state.missing.size > 0) due(state.refreshAtMs);
  } else if (state.disconnectedAtMs !== null) {
    due(state.disconnectedAtMs + state.limits.reconnectMs);
  }
  if (state.leaveAtMs !== null) due(state.leaveAtMs);
  for (const untilMs of state.foreign.values()) due(untilMs);
  if (state.steppedAsideUntilMs !== null) due(state.steppedAsideUntilMs);
  if (state.spillBlockedUntilMs > nowMs && wantsSpill(core)) due(state.spillBlockedUntilMs);
  for (const peer of state.fetchable) if (peer.busyUntilMs > nowMs) due(peer.busyUntilMs);
  for (const slot of state.slots) {
    const dueMs = slot.orders.length > 1 ? overdueAtMs(core, slot) : null;
    if (dueMs !== null && dueMs >= nowMs) due(dueMs + 1);
  }
  return wake === Number.POSITIVE_INFINITY ? null : wake;
}
