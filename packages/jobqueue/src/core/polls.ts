// What the batch system says, and when to ask it again: often while something is about to happen,
// seldom when all is well, ever more seldom while it does not answer.
import type { JobStatus } from "../drivers/driver.js";
import type { ReconcileEvent } from "./events.js";
import { statusChanged, vanished } from "./lifecycle.js";
import { type Slot, slotName, someSlot } from "./slot.js";
import type { Turn } from "./step.js";

type Polled = Extract<ReconcileEvent, { type: "polled" }>;

export function polled(turn: Turn, { askedMs, statuses }: Polled): void {
  const { state, nowMs } = turn;
  state.pollUnderWay = false;
  if (state.pollFailures > 0) turn.out.log.push({ level: "info", text: "the queue answers again" });
  state.pollFailures = 0;
  const byName = new Map<string, JobStatus>();
  for (const status of statuses) byName.set(slotName(status.ref), status);
  for (const slot of [...state.slots.values()]) {
    if (slot.ref === null) continue;
    const status = byName.get(slotName(slot.ref));
    if (status !== undefined) {
      slot.namedMs = nowMs;
      slot.wasNamed = true;
      statusChanged(turn, slot, status);
    } else if (mayBeGone(slot, askedMs, state.limits.unknownMs)) vanished(turn, slot);
  }
}

// The answer may be older than the job, and a busy controller may not know a new one yet. What we
// have cancelled need not be seen once more.
function mayBeGone(slot: Slot, askedMs: number, unknownMs: number): boolean {
  if (askedMs <= slot.sinceMs && slot.phase !== "up") return false;
  const isExpected = slot.wasNamed || slot.phase === "cancelling";
  return askedMs > slot.namedMs + (isExpected ? 0 : unknownMs);
}

export function pollFailed(turn: Turn, message: string): void {
  const { state, out } = turn;
  state.pollUnderWay = false;
  state.pollFailures += 1;
  if (state.pollFailures > 1) return;
  out.log.push({ level: "warn", text: `the queue does not answer: ${message}` });
}

export function planPoll(turn: Turn): void {
  const { state, out, nowMs } = turn;
  const { slots } = state;
  if (state.pollUnderWay) return;
  if (!someSlot(slots, ({ ref }) => ref !== null)) {
    state.pollAtMs = Number.POSITIVE_INFINITY;
    return;
  }
  if (nowMs >= state.pollAtMs) {
    out.poll = true;
    state.pollUnderWay = true;
    state.pollAtMs = Number.POSITIVE_INFINITY;
    return;
  }
  if (Number.isFinite(state.pollAtMs)) return;
  state.pollAtMs = nowMs + pauseMs(turn);
}

function pauseMs({ state }: Turn): number {
  const { limits, slots, pollFailures } = state;
  if (pollFailures > 0) {
    return Math.min(limits.pollWaitingMs * 2 ** (pollFailures - 1), limits.pollBackoffMs);
  }
  // Somebody waits for the end of it.
  if (state.closing !== null) return limits.pollSoonMs;
  const isUnsettled = someSlot(slots, ({ phase, ref }) => phase !== "up" && ref !== null);
  return isUnsettled ? limits.pollWaitingMs : limits.pollSteadyMs;
}
