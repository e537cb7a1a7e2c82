// The end of the cluster: every job leaves, by draining or at once, and it is over when none of
// ours is in the queue any more.
import type { RequestId } from "./events.js";
import type { Turn } from "./step.js";
import { cancel, drain } from "./watch.js";

export function closeAll(turn: Turn, requestId: RequestId, drains: boolean): void {
  const { state, out } = turn;
  const first = state.closing === null;
  if (!first) out.replies.push({ requestId: state.closing as RequestId, type: "done" });
  state.closing = requestId;
  state.wantedJobs = 0;
  refuseAll(turn);
  for (const slot of state.slots.values()) {
    const isLeaving = slot.phase === "cancelling" || (slot.phase === "draining" && drains);
    if (isLeaving) continue;
    if (drains && slot.phase === "up") drain(turn, slot, "unwanted");
    else cancel(turn, slot, "unwanted");
  }
}

function refuseAll({ state, out }: Turn): void {
  const message = "the cluster is being closed";
  const requests = [...state.scaling.keys(), ...state.waiters.map(({ requestId }) => requestId)];
  for (const requestId of requests) {
    out.replies.push({ requestId, type: "failed", code: "CLOSED", message });
  }
  state.scaling.clear();
  state.waiters = [];
}

export function endClosing({ state, out }: Turn): void {
  if (state.closing === null || state.slots.size > 0) return;
  out.replies.push({ requestId: state.closing, type: "done" });
  out.finished = true;
}
