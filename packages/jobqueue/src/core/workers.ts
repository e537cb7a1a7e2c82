// What the scheduler says of the workers, slot by slot.
// Must not know how it was asked.
import { enter, type Slot, slotName, type WorkerSight } from "./slot.js";
import type { Turn } from "./step.js";

export function sawWorkers(turn: Turn, bySlot: ReadonlyMap<string, readonly WorkerSight[]>): void {
  for (const slot of turn.state.slots.values()) {
    if (slot.ref === null) continue;
    const workers = bySlot.get(slotName(slot.ref)) ?? [];
    if (workers.length !== slot.workers.length) turn.touched.add(slot.id);
    slot.workers = workers;
    noteWorkers(turn, slot);
  }
}

function noteWorkers({ state, nowMs }: Turn, slot: Slot): void {
  const complete = slot.workers.length >= state.processes;
  switch (slot.phase) {
    case "queued":
    case "starting":
    case "silent":
      if (!complete) return;
      enter(slot, "up", nowMs);
      slot.deadlineMs = Number.POSITIVE_INFINITY;
      return;
    case "up":
      if (complete) return;
      enter(slot, "silent", nowMs);
      slot.deadlineMs = nowMs + state.limits.silentMs;
      // The queue may know why.
      state.pollAtMs = Math.min(state.pollAtMs, nowMs + state.limits.pollSoonMs);
      return;
    default:
      return;
  }
}
