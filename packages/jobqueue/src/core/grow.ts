// Submitting: how many jobs are missing, and what follows when a submission works or does not. A
// scale request is answered when all that it needed is in the queue.
import type { JobRef } from "../drivers/driver.js";
import type { ReconcileEvent } from "./events.js";
import { fail } from "./failures.js";
import { countSlots, enter, isLive, newSlot, type Slot } from "./slot.js";
import type { Turn } from "./step.js";

/** Asks for what is missing, and lets scale requests wait for it. */
export function grow(turn: Turn): void {
  const { state, nowMs } = turn;
  const { limits, slots } = state;
  const live = countSlots(slots, (slot) => isLive(slot) && !slot.expiring);
  const room = limits.queuedJobs - slots.size;
  let missing = Math.min(state.wantedJobs - live, room);
  const mayNot = state.isBroken || nowMs < state.submitAfterMs;
  while (missing > 0 && !mayNot) {
    const count = Math.min(missing, limits.arraySize);
    submit(turn, count);
    missing -= count;
  }
  if (state.scaling.size === 0) return;
  const open = new Set<number>();
  for (const { phase, submission } of slots.values())
    if (phase === "submitting") open.add(submission);
  for (const [requestId, waited] of state.scaling) {
    for (const submission of open) waited.add(submission);
    for (const submission of waited) if (!open.has(submission)) waited.delete(submission);
    if (waited.size > 0 || (missing > 0 && !state.isBroken)) continue;
    state.scaling.delete(requestId);
    turn.out.replies.push({ requestId, type: "done" });
  }
}

function submit(turn: Turn, count: number): void {
  const { state, out, nowMs } = turn;
  const submission = state.nextSubmission;
  state.nextSubmission += 1;
  for (let i = 0; i < count; i++) {
    const slot = newSlot(state.nextSlot, submission, nowMs);
    state.nextSlot += 1;
    state.slots.set(slot.id, slot);
    turn.touched.add(slot.id);
  }
  out.submit.push({ submission, count });
}

export function submitted(turn: Turn, submission: number, refs: readonly JobRef[]): void {
  const { state, nowMs } = turn;
  const open = slotsOf(turn, submission);
  for (const [i, slot] of open.entries()) {
    slot.ref = refs[i] ?? null;
    slot.namedMs = nowMs;
    // Given up while the command was under way: there is something to cancel only now.
    if (slot.leaving === null) enter(slot, "queued", nowMs);
    else {
      enter(slot, "cancelling", nowMs);
      slot.deadlineMs = nowMs + state.limits.cancelMs;
      if (slot.ref !== null) turn.out.cancel.push(slot.ref);
    }
    turn.touched.add(slot.id);
  }
  state.pollAtMs = Math.min(state.pollAtMs, nowMs + state.limits.pollSoonMs);
}

type SubmitFailed = Extract<ReconcileEvent, { type: "submit-failed" }>;

export function submitFailed(turn: Turn, { submission, transient, message }: SubmitFailed): void {
  const { state, out, nowMs } = turn;
  for (const slot of slotsOf(turn, submission)) state.slots.delete(slot.id);
  if (transient) {
    out.log.push({ level: "warn", text: `jobs could not be submitted yet: ${message}` });
    state.submitAfterMs = nowMs + state.limits.submitBackoffMs;
    return;
  }
  // The same request will be refused again.
  state.isBroken = true;
  fail(turn, null, message);
  out.log.push({ level: "warn", text: message });
  out.news.push({ type: "error", code: "SUBMIT_FAILED", message });
  for (const [requestId, waited] of state.scaling) {
    if (!waited.has(submission)) continue;
    state.scaling.delete(requestId);
    out.replies.push({ requestId, type: "failed", code: "SUBMIT_FAILED", message });
  }
}

const slotsOf = ({ state }: Turn, submission: number): Slot[] =>
  [...state.slots.values()].filter((slot) => slot.submission === submission && slot.ref === null);
