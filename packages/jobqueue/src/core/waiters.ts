// Who waits for workers: answered when there are enough, or as soon as it is plain that there
// will not be.
import type { RequestId } from "./events.js";
import { slotName } from "./slot.js";
import type { ReconcileState, Waiter } from "./state.js";
import type { Turn } from "./step.js";

export function answerWaiters(turn: Turn): void {
  const { state, out } = turn;
  if (state.waiters.length === 0) return;
  const here = registered(state);
  state.waiters = state.waiters.filter((waiter) => {
    const { requestId } = waiter;
    if (here >= waiter.workers) {
      out.replies.push({ requestId, type: "done" });
      return false;
    }
    const message = verdict(turn, waiter, here);
    if (message === null) return true;
    out.replies.push({ requestId, type: "failed", code: "WORKERS_NOT_STARTED", message });
    return false;
  });
}

export function registered(state: ReconcileState): number {
  let count = 0;
  for (const slot of state.slots.values()) count += slot.workers.length;
  return count;
}

/** Why this many workers will never be here; null: they may still come. */
function verdict({ state, nowMs }: Turn, { workers, deadlineMs }: Waiter, here: number) {
  const counted = `${here} of ${workers} workers are here`;
  if (state.isBroken) {
    // What the jobs said is worth waiting for: reading it takes no time.
    if (state.tails.size > 0 && nowMs < deadlineMs) return null;
    const last = state.failures.at(-1)?.text ?? "jobs fail";
    return `${counted}, and no more jobs are submitted: ${last}`;
  }
  const slots = [...state.slots.values()];
  const hopeless = slots.filter(({ status }) => status?.isHopeless);
  const possible = (slots.length - hopeless.length) * state.processes;
  if (hopeless.length > 0 && possible < workers) {
    const [first] = hopeless;
    const name = first?.ref == null ? "" : ` (${slotName(first.ref)})`;
    const reason = first?.status?.reason;
    return `${counted}, and ${hopeless.length} jobs can never run${name}: the queue says ${reason}`;
  }
  return nowMs >= deadlineMs ? `${counted} after the time given. ${waitingFor(state)}` : null;
}

function waitingFor(state: ReconcileState): string {
  const reasons = new Map<string, number>();
  for (const { phase, status } of state.slots.values()) {
    if (phase === "up") continue;
    const why = status === null ? phase : `${status.word}${status.reason && ` ${status.reason}`}`;
    reasons.set(why, (reasons.get(why) ?? 0) + 1);
  }
  const parts = Array.from(reasons, ([why, count]) => `${count} × ${why}`);
  return parts.length === 0 ? "No jobs are in the queue." : `In the queue: ${parts.join(", ")}.`;
}

export function forgetRequest(state: ReconcileState, requestId: RequestId): void {
  state.scaling.delete(requestId);
  if (state.detaching === requestId) state.detaching = null;
  state.waiters = state.waiters.filter((waiter) => waiter.requestId !== requestId);
}
