// Jobs change hands: those of an earlier process are taken over, or all that is under way comes to
// its end before another process takes over.
import type { JobRef } from "../drivers/driver.js";
import type { RequestId } from "./events.js";
import { enter, newSlot, type Phase } from "./slot.js";
import type { Turn } from "./step.js";

export function adopt(
  { state, nowMs, touched }: Turn,
  jobs: number,
  refs: readonly JobRef[],
): void {
  state.wantedJobs = jobs;
  for (const ref of refs) {
    const slot = newSlot(state.nextSlot, state.nextSubmission, nowMs);
    state.nextSlot += 1;
    slot.ref = ref;
    slot.wasNamed = true;
    enter(slot, "queued", nowMs);
    state.slots.set(slot.id, slot);
    touched.add(slot.id);
  }
  state.nextSubmission += 1;
  // What the queue says of them is needed before anything is decided.
  state.pollAtMs = nowMs;
}

/** From now on nothing is begun. */
export function beginDetaching({ state, out }: Turn, requestId: RequestId): void {
  if (state.closing === null && state.detaching === null) {
    state.detaching = requestId;
    return;
  }
  const message = "the cluster is being closed";
  out.replies.push({ requestId, type: "failed", code: "CLOSED", message });
}

const underWay = new Set<Phase>(["submitting", "draining", "cancelling"]);

/** Answered once, when nothing is under way any more. */
export function endDetaching({ state, out }: Turn): void {
  const requestId = state.detaching;
  if (requestId === null || state.hasDetached) return;
  if ([...state.slots.values()].some(({ phase }) => underWay.has(phase))) return;
  state.hasDetached = true;
  out.replies.push({ requestId, type: "done" });
}
