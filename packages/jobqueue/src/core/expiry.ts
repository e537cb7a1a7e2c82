// Jobs whose time is nearly up: another one is asked for first, and then their workers leave in
// good order, before the batch system ends them.

import { isLive } from "./slot.js";
import type { Turn } from "./step.js";
import { drain } from "./watch.js";

export function replaceExpiring(turn: Turn): void {
  const { state, nowMs } = turn;
  if (state.closing !== null || state.detaching !== null) return;
  for (const slot of state.slots.values()) {
    if (slot.status?.state === "ending") {
      // Whatever ends it, another one can be on its way, unless it may come back itself.
      const wasThere = slot.phase === "up" || slot.phase === "silent";
      slot.expiring = wasThere && !state.requeues;
      continue;
    }
    // It comes back under its own name if its workers stay until they are told.
    if (slot.isPreempted) continue;
    const endMs = slot.status?.endMs ?? null;
    if (endMs === null || !isLive(slot) || slot.phase !== "up") continue;
    const totalMs = endMs - (slot.status?.startMs ?? endMs);
    // Of a very short job the lead may not be all.
    const leadMs = Math.min(state.limits.replaceLeadMs, totalMs / 2);
    const drainLeadMs = Math.min(state.limits.drainLeadMs, totalMs / 3);
    if (nowMs < endMs - leadMs) {
      slot.deadlineMs = endMs - leadMs;
      continue;
    }
    if (!slot.expiring) {
      slot.expiring = true;
      turn.touched.add(slot.id);
    }
    if (nowMs >= endMs - drainLeadMs) drain(turn, slot, "expired");
    else slot.deadlineMs = endMs - drainLeadMs;
  }
}
