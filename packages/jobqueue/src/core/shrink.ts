// Fewer jobs: which ones go. First those that do not run yet, the newest first; then those whose
// workers have the least to do and to hand over. A job is the smallest thing that goes.
import { countSlots, isLive, type Phase, type Slot } from "./slot.js";
import type { Turn } from "./step.js";
import { cancel, drain } from "./watch.js";

const order: readonly Phase[] = ["submitting", "queued", "starting", "silent", "up"];

export function shrink(turn: Turn): void {
  const { state } = turn;
  const counts = (slot: Slot): boolean => isLive(slot) && !slot.expiring;
  const excess = countSlots(state.slots, counts) - state.wantedJobs;
  if (excess <= 0) return;
  const live = [...state.slots.values()].filter(counts);
  for (const slot of live.sort(compare).slice(0, excess)) {
    if (slot.phase === "up") drain(turn, slot, "unwanted");
    else cancel(turn, slot, "unwanted");
  }
}

function compare(a: Slot, b: Slot): number {
  const phase = order.indexOf(a.phase) - order.indexOf(b.phase);
  if (phase !== 0) return phase;
  if (a.phase !== "up") return b.id - a.id;
  return load(a) - load(b) || b.id - a.id;
}

/** Seconds until it could be gone: its work, and moving what it holds at some 100 MB/s. */
const load = ({ workers }: Slot): number =>
  workers.reduce((sum, { occupancyS, storedBytes }) => sum + occupancyS + storedBytes / 1e8, 0);
