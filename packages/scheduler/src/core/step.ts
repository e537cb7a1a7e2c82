// The one entrance of the scheduler core: a batch of events in, messages and wishes out. Handlers
// record facts in order; decisions that look at many tasks come once at the end.
import { assertNever } from "@acme/protocol";
import { callAnswered } from "./calls.js";
import {
  clientMessage,
  dropClient,
  registerClient,
  removeLingering,
  workOffBacklog,
} from "./clients.js";
import { errandEvent, passErrandTime } from "./errands/outcomes.js";
import type { SchedulerEvent } from "./events.js";
import { tendExtensions } from "./extensions/handle.js";
import { finishShuffles } from "./extensions/shuffle/restart.js";
import { probeSilent, removeSilent, unreachable } from "./heartbeats.js";
import { failUnrunnable } from "./no-worker.js";
import { sampleMemory } from "./operations/memory-samples.js";
import { tendReplicas } from "./operations/reduce-replicas.js";
import { tellWatchers, unwatch, watch } from "./operations/watches.js";
import type { Outbox } from "./outbox.js";
import { place } from "./place.js";
import { abandonRequest, handleRequest, missingData, tendParked } from "./requests.js";
import { finishRestarts } from "./restart.js";
import { retire } from "./retire.js";
import { scatter, transferred } from "./scatter.js";
import type { SchedulerState } from "./state.js";
import { steal } from "./steal.js";
import { flag } from "./task.js";
import { flushFreed, stimulate, Turn } from "./turn.js";
import { validateTouched } from "./validate.js";
import { workerMessage } from "./worker-messages.js";
import { registerWorker, removeWorker } from "./workers.js";

/**
 * Applies a batch of events, then makes the decisions that look at many tasks (place, steal).
 *
 * @param state - changed in place
 * @param events - in order of arrival; empty when only time passed
 * @param nowMs - milliseconds since the epoch; a clock that goes back is taken to stand still
 * @param out - filled; `out.wakeAtMs` says when to call again at the latest
 */
export function step(
  state: SchedulerState,
  events: readonly SchedulerEvent[],
  nowMs: number,
  out: Outbox,
): void {
  if (nowMs > state.nowMs) state.nowMs = nowMs;
  const turn = new Turn(state, out, state.nowMs);
  if (state.settings.validate) turn.touched = [];
  state.counters.steps += 1;
  state.counters.events += events.length;
  workOffBacklog(turn);
  for (const event of events) handle(turn, event);
  passTime(turn);
  finishShuffles(turn);
  flushFreed(turn);
  stimulate(turn, "place");
  place(turn);
  flushFreed(turn);
  steal(turn);
  finishRestarts(turn);
  // Placing and stealing may have ended some.
  if (state.shuffles.ended.length > 0) finishShuffles(turn);
  tellWatchers(turn);
  if (turn.touched !== null) checkTouched(turn);
}

function handle(turn: Turn, event: SchedulerEvent): void {
  const state = turn.state;
  switch (event.type) {
    case "worker-messages": {
      const worker = state.workerOfLink.get(event.link);
      if (worker === undefined) {
        state.counters.lateMessages += event.messages.length;
        return;
      }
      worker.lastSeenMs = turn.nowMs;
      for (const message of event.messages) workerMessage(turn, worker, message);
      return;
    }
    case "client-messages": {
      for (const message of event.messages) {
        const client = state.clientOfLink.get(event.link);
        if (client === undefined) state.counters.lateMessages += 1;
        else clientMessage(turn, client, message);
      }
      return;
    }
    case "worker-registered":
      registerWorker(turn, event);
      return;
    case "worker-gone": {
      const worker = state.workerOfLink.get(event.link);
      const removal = { expected: worker?.leaving === true, reason: event.reason };
      if (worker !== undefined) removeWorker(turn, worker, removal);
      return;
    }
    case "client-registered":
      registerClient(turn, event);
      return;
    case "client-gone": {
      const client = state.clientOfLink.get(event.link);
      if (client !== undefined) dropClient(turn, client, event.reason);
      return;
    }
    case "request":
      handleRequest(turn, event.requestId, event.request);
      return;
    case "request-gone":
      abandonRequest(turn, event.requestId);
      return;
    default:
      handleRare(turn, event);
      return;
  }
}

type Common =
  | "worker-messages"
  | "client-messages"
  | "worker-registered"
  | "worker-gone"
  | "client-registered"
  | "client-gone"
  | "request"
  | "request-gone";

function handleRare(turn: Turn, event: Exclude<SchedulerEvent, { type: Common }>): void {
  const state = turn.state;
  switch (event.type) {
    case "scatter-requested":
      scatter(turn, event);
      return;
    case "transferred":
      transferred(turn, event);
      return;
    case "call-done":
      callAnswered(turn, event.callId, { reply: event.reply });
      return;
    case "call-failed":
      callAnswered(turn, event.callId, {
        failure: event.message,
        answered: event.answered === true,
      });
      return;
    case "worker-unreachable":
      unreachable(turn, event.link, event.reason);
      return;
    case "missing-data":
      missingData(turn, event.address, event.keys);
      return;
    case "link-backlog": {
      const client = state.clientOfLink.get(event.link);
      if (client !== undefined) client.backlogBytes = event.bytes;
      return;
    }
    case "watched":
      watch(turn, event.watchId, event.wish);
      return;
    case "unwatched":
      unwatch(turn, event.watchId);
      return;
    case "materialized":
    case "shuffle-planned":
    case "errand-failed":
    case "helper-answered":
      errandEvent(turn, event);
      return;
    default:
      assertNever(event);
  }
}

function passTime(turn: Turn): void {
  passErrandTime(turn);
  workOffBacklog(turn);
  removeLingering(turn);
  probeSilent(turn);
  removeSilent(turn);
  retire(turn);
  tendParked(turn);
  tendExtensions(turn);
  failUnrunnable(turn);
  tendReplicas(turn);
  sampleMemory(turn);
}

function checkTouched(turn: Turn): void {
  const touched = turn.touched ?? [];
  for (const task of touched) task.flags &= ~flag.touched;
  validateTouched(turn.state, touched);
}
