// Deadlines of single slots: workers that never come, that fall silent, that do not leave; and jobs
// that do not go away.
import { assertNever } from "@acme/protocol";
import { fail, nameOf } from "./failures.js";
import { enter, type LeaveReason, type Slot } from "./slot.js";
import type { Turn } from "./step.js";

export function watchSlots(turn: Turn): void {
  for (const slot of turn.state.slots.values()) {
    if (turn.nowMs >= slot.deadlineMs) overdue(turn, slot);
  }
}

function overdue(turn: Turn, slot: Slot): void {
  const { limits } = turn.state;
  const name = nameOf(slot);
  switch (slot.phase) {
    case "starting":
      fail(
        turn,
        slot,
        `job ${name} runs, but its workers did not come within ${limits.startMs / 1000} s`,
      );
      cancel(turn, slot, "failed");
      return;
    case "silent":
      // Not a failure of the job: its node, or the network, is gone.
      turn.out.log.push({ level: "warn", text: `job ${name} has fallen silent and is replaced` });
      // Those of its workers that are still there hand over first.
      drain(turn, slot, "failed");
      return;
    case "draining":
      // Its workers may hold what nobody else has: if they are there, they are asked once more.
      if (slot.leaving === "idle") drain(turn, slot, "idle");
      else cancel(turn, slot, slot.leaving ?? "unwanted");
      return;
    case "cancelling":
      cancel(turn, slot, slot.leaving ?? "unwanted");
      return;
    case "submitting":
    case "queued":
    case "up":
      slot.deadlineMs = Number.POSITIVE_INFINITY;
      return;
    default:
      assertNever(slot.phase);
  }
}

/** Ends a job for good. What is not submitted yet is cancelled as soon as it has a name. */
export function cancel(turn: Turn, slot: Slot, reason: LeaveReason): void {
  const { state, out, nowMs } = turn;
  slot.leaving = reason;
  turn.touched.add(slot.id);
  if (slot.ref === null) return;
  enter(slot, "cancelling", nowMs);
  slot.deadlineMs = nowMs + state.limits.cancelMs;
  out.cancel.push(slot.ref);
  state.pollAtMs = Math.min(state.pollAtMs, nowMs + state.limits.pollSoonMs);
}

/** Lets the workers of a job finish and hand over what they hold; then the job ends by itself. */
export function drain(turn: Turn, slot: Slot, reason: LeaveReason): void {
  if (slot.workers.length === 0) {
    cancel(turn, slot, reason);
    return;
  }
  const { state, out, nowMs } = turn;
  slot.leaving = reason;
  enter(slot, "draining", nowMs);
  slot.deadlineMs = nowMs + state.limits.drainMs;
  turn.touched.add(slot.id);
  out.retire.push({ slot: slot.id, workers: slot.workers.map(({ address }) => address) });
}

/** The workers have left, or nobody could be asked. */
export function retired(turn: Turn, id: number, ok: boolean): void {
  const { state, nowMs } = turn;
  const slot = state.slots.get(id);
  if (slot?.phase !== "draining") return;
  if (!ok && slot.leaving === "idle") {
    const isLeaving = slot.workers.some(({ status }) => status === "closing_gracefully");
    if (isLeaving) slot.deadlineMs = nowMs + state.limits.exitMs;
    else stay(turn, slot);
    return;
  }
  if (!ok) {
    cancel(turn, slot, slot.leaving ?? "unwanted");
    return;
  }
  slot.deadlineMs = nowMs + state.limits.exitMs;
  state.pollAtMs = Math.min(state.pollAtMs, nowMs + state.limits.pollSoonMs);
}

/** Nobody can take what its workers hold. */
function stay({ state, nowMs, touched }: Turn, slot: Slot): void {
  slot.leaving = null;
  enter(slot, "up", nowMs);
  slot.deadlineMs = Number.POSITIVE_INFINITY;
  touched.add(slot.id);
  if (state.adapting === null) return;
  state.wantedJobs += 1;
  state.adapting.grewMs = nowMs;
}
