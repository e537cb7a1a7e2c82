// The worker core's one door: events in, orders out. Facts are recorded event by event; what
// looks at many tasks (handing over, fetching, spilling) is decided once at the end.
// It must not know sockets, files, threads or clocks.
import { assertNever } from "@acme/protocol";
import type { Core } from "./context.js";
import type { WorkerEvent } from "./events.js";
import { fetchEnded, planFetches } from "./fetching.js";
import { orderEnded } from "./finish.js";
import { giveBackForeign } from "./foreign.js";
import { handOver } from "./hand-over.js";
import { refreshMissing } from "./holders.js";
import { checkLeaving, leaveRequested } from "./leaving.js";
import {
  beat,
  checkDeadline,
  connected,
  disconnected,
  heartbeatAnswered,
  reportStatus,
} from "./link.js";
import type { Outbox } from "./outbox.js";
import { requested, requestGone } from "./requests.js";
import { schedulerMessage } from "./scheduler-messages.js";
import { orderSeceded } from "./secede.js";
import { servingEnded } from "./serve.js";
import { executorLost, executorReady } from "./slots.js";
import { loadEnded, memoryMeasured, planSpills, spillEnded, spillsLag } from "./spill.js";
import type { WorkerState } from "./state.js";
import { orderClaimed } from "./steal.js";
import { nextWakeMs } from "./wake.js";

/**
 * Takes one batch of events.
 *
 * @param state - changed in place
 * @param events - in the order they happened; none: only time has passed
 * @param nowMs - wall clock, milliseconds since the epoch; must not go backwards
 * @param out - appended to; empty it after each step
 */
export function step(
  state: WorkerState,
  events: readonly WorkerEvent[],
  nowMs: number,
  out: Outbox,
): void {
  const core: Core = { state, out, nowMs, stimulusId: `worker-${nowMs / 1_000}`, cause: "time" };
  for (const event of events) {
    if (state.status === "closed") break;
    core.cause = event.type;
    handle(core, event);
  }
  core.cause = "time";
  decide(core);
}

function decide(core: Core): void {
  const { state } = core;
  checkDeadline(core);
  checkLeaving(core);
  core.out.wakeAtMs = null;
  if (state.status === "closed") return;
  if (state.foreign.size > 0 || state.steppedAsideUntilMs !== null) giveBackForeign(core);
  planSpills(core);
  reportStatus(core);
  if (!spillsLag(core)) handOver(core);
  planFetches(core);
  refreshMissing(core);
  beat(core);
  core.out.wakeAtMs = nextWakeMs(core);
}

function handle(core: Core, event: WorkerEvent): void {
  switch (event.type) {
    case "executed":
      orderEnded(core, event.orderId, event.outcome);
      return;
    case "scheduler-messages":
      if (event.link !== core.state.link) return;
      for (const message of event.messages) schedulerMessage(core, message);
      return;
    case "fetched":
      fetchEnded(core, event);
      return;
    case "request":
      requested(core, event.requestId, event.request);
      return;
    case "request-gone":
      requestGone(core, event.requestId);
      return;
    case "served":
      servingEnded(core, event.requestId);
      return;
    case "loaded":
      loadEnded(core, event);
      return;
    case "spilled":
      spillEnded(core, event);
      return;
    case "memory":
      memoryMeasured(core, event.processBytes);
      return;
    case "claimed":
      orderClaimed(core, event.orderId);
      return;
    case "seceded":
      orderSeceded(core, event.orderId);
      return;
    case "executor-ready":
      executorReady(core, event.slot);
      return;
    case "executor-lost":
      executorLost(core, event.slot);
      return;
    case "connected":
      connected(core, event);
      return;
    case "disconnected":
      disconnected(core, event.link, event.reason);
      return;
    case "heartbeat-answered":
      heartbeatAnswered(core, event);
      return;
    case "leave":
      leaveRequested(core, event.graceMs, event.reason);
      return;
    default:
      assertNever(event);
  }
}
