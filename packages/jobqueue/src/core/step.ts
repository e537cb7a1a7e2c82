// The reconcile loop's one function: notes what happened, then compares what is wanted with what
// there is, once per batch of events. It decides; commands and rpcs are the shell's.
import { assertNever } from "@acme/protocol";
import { askWish, beginAdapting, whoGoes, wished } from "./adapt.js";
import { adopt, beginDetaching, endDetaching } from "./adopt.js";
import { closeAll, endClosing } from "./closing.js";
import { type Ending, sayEnds } from "./endings.js";
import type { ReconcileEvent } from "./events.js";
import { replaceExpiring } from "./expiry.js";
import { tailed } from "./failures.js";
import { grow, submitFailed, submitted } from "./grow.js";
import type { ReconcileOutbox } from "./outbox.js";
import { planPoll, polled, pollFailed } from "./polls.js";
import { reportOf } from "./report.js";
import { shrink } from "./shrink.js";
import type { ReconcileState } from "./state.js";
import { answerWaiters, forgetRequest } from "./waiters.js";
import { retired, watchSlots } from "./watch.js";
import { sawWorkers } from "./workers.js";

export interface Turn {
  readonly state: ReconcileState;
  readonly out: ReconcileOutbox;
  readonly nowMs: number;
  /** Slots whose story goes on in this step. */
  readonly touched: Set<number>;
  /** How jobs ended in this step. */
  readonly endings: Map<string, Ending>;
}

export function step(
  state: ReconcileState,
  events: readonly ReconcileEvent[],
  nowMs: number,
  out: ReconcileOutbox,
): void {
  const turn: Turn = { state, out, nowMs, touched: new Set(), endings: new Map() };
  for (const event of events) handle(turn, event);
  watchSlots(turn);
  replaceExpiring(turn);
  askWish(turn);
  if (state.closing === null && state.detaching === null) {
    shrink(turn);
    grow(turn);
  }
  answerWaiters(turn);
  endDetaching(turn);
  endClosing(turn);
  planPoll(turn);
  sayEnds(turn);
  for (const id of turn.touched) {
    const slot = state.slots.get(id);
    if (slot !== undefined) out.changed.push(reportOf(slot));
  }
  out.wakeAtMs = nextWakeMs(state, nowMs);
}

function handle(turn: Turn, event: ReconcileEvent): void {
  switch (event.type) {
    case "scale":
      turn.state.adapting = null;
      scaled(turn, event.jobs);
      turn.state.isBroken = false;
      turn.state.failures = [];
      turn.state.submitAfterMs = 0;
      turn.state.scaling.set(event.requestId, new Set());
      return;
    case "adapt":
      beginAdapting(turn, event.rules);
      return;
    case "wished":
      wished(turn, event.workers);
      return;
    case "who-goes":
      whoGoes(turn, event.workers);
      return;
    case "submitted":
      submitted(turn, event.submission, event.refs);
      return;
    case "submit-failed":
      submitFailed(turn, event);
      return;
    case "polled":
      polled(turn, event);
      return;
    case "poll-failed":
      pollFailed(turn, event.message);
      return;
    case "workers":
      sawWorkers(turn, event.bySlot);
      return;
    case "retired":
      retired(turn, event.slot, event.ok);
      return;
    case "log-tail":
      tailed(turn, event.slot, event.text);
      return;
    case "wait":
      turn.state.waiters.push({
        requestId: event.requestId,
        workers: event.workers,
        deadlineMs:
          event.timeoutMs === null ? Number.POSITIVE_INFINITY : turn.nowMs + event.timeoutMs,
      });
      return;
    case "request-gone":
      forgetRequest(turn.state, event.requestId);
      return;
    case "adopt":
      adopt(turn, event.jobs, event.refs);
      return;
    case "detach":
      beginDetaching(turn, event.requestId);
      return;
    case "close":
      closeAll(turn, event.requestId, event.drain);
      return;
    default:
      assertNever(event);
  }
}

function scaled({ state, out }: Turn, jobs: number): void {
  const before = state.wantedJobs;
  state.wantedJobs = jobs;
  if (jobs !== before) out.news.push({ type: "scale", cause: "scale", jobs, before });
}

function nextWakeMs(state: ReconcileState, nowMs: number): number | null {
  let next = state.pollUnderWay ? Number.POSITIVE_INFINITY : state.pollAtMs;
  for (const slot of state.slots.values()) next = Math.min(next, slot.deadlineMs);
  for (const { deadlineMs } of state.waiters) next = Math.min(next, deadlineMs);
  if (state.adapting !== null) next = Math.min(next, state.adapting.askAtMs);
  if (state.submitAfterMs > nowMs) next = Math.min(next, state.submitAfterMs);
  return Number.isFinite(next) ? Math.max(next, nowMs) : null;
}
