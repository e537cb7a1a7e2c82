// What the scheduler says of the workers, slot by slot.
// Must not know how it was asked.
import { enter, type Slot, slotName, type WorkerSight } from "./slot.js";
import type { Turn } from "./step.js";

export function sawWorkers(turn: Turn, bySlot: ReadonlyMap<string, readonly WorkerSight[]>): void {
  for (const slot of turn.state.slots.values()) {
    if (slot.ref === null) continue;
    const workers = bySlot.get(slotName(slot.ref)) ?? [];
    if (workers.length > 0 || slot.workers.length > 0) tell(turn, slot, workers);
    slot.workers = workers;
    noteWorkers(turn, slot);
  }
}

function tell(turn: Turn, { id, ref, workers }: Slot, now: readonly WorkerSight[]): void {
  if (now.length !== workers.length) turn.touched.add(id);
  if (ref === null || isSame(now, workers)) return;
  const job = slotName(ref);
  const { news } = turn.out;
  const [before, after] = [addressesOf(workers), addressesOf(now)];
  for (const address of before) {
    if (!after.has(address)) news.push({ type: "worker", change: "removed", job, address });
  }
  for (const address of after) {
    if (!before.has(address)) news.push({ type: "worker", change: "added", job, address });
  }
}

const isSame = (a: readonly WorkerSight[], b: readonly WorkerSight[]): boolean =>
  a.length === b.length && a.every(({ address }, at) => address === b[at]?.address);

const addressesOf = (workers: readonly WorkerSight[]): Set<string> =>
  new Set(workers.map(({ address }) => address));

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
