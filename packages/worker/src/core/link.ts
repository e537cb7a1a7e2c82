// The connection to the scheduler as the core sees it: registered or not, heartbeats, and what
// is given up when it breaks. Making connections is the shell's.
import { freeTask, giveUp } from "./compute-task.js";
import { type Core, log, send } from "./context.js";
import type { Link, WorkerEvent } from "./events.js";
import { leaveWith } from "./leaving.js";
import { exitCodes } from "./limits.js";
import type { CoreStatus } from "./state.js";
import { heartbeat } from "./view.js";

export function connected(core: Core, event: Extract<WorkerEvent, { type: "connected" }>): void {
  const { state } = core;
  if (event.link <= state.lastLink) return;
  if (state.link !== null) giveUpUnstarted(core);
  const again = state.lastLink >= 0;
  // Nobody heard of errors without a connection, and they are not among what is offered.
  for (const task of [...state.erred]) freeTask(core, task);
  state.link = event.link;
  state.lastLink = event.link;
  state.acme = event.acme;
  state.disconnectedAtMs = null;
  state.steppedAsideUntilMs = null;
  state.status = "init";
  state.pausedFor.delete("scheduler");
  if (state.leaveAtMs === null) state.closing = false;
  state.heartbeatIntervalMs = event.heartbeatIntervalMs;
  state.heartbeatAtMs = core.nowMs + event.heartbeatIntervalMs;
  state.heartbeatSentAtMs = null;
  // dask's scheduler knows nothing of what a worker held before.
  if (again && !event.acme) for (const task of [...state.tasks.values()]) freeTask(core, task);
  announceUnheard(core);
}

// A value given after the registration was written and before it was answered is in no offer.
function announceUnheard(core: Core): void {
  const { unheard } = core.state;
  if (unheard.size === 0) return;
  const keys = Array.from(unheard, (task) => task.wire);
  unheard.clear();
  send(core, { op: "add-keys", keys, stimulus_id: core.stimulusId });
}

export function disconnected(core: Core, link: Link, reason: string): void {
  if (link !== core.state.link) return;
  dropLink(core, reason);
}

function dropLink(core: Core, reason: string): void {
  const { state } = core;
  state.link = null;
  state.disconnectedAtMs = core.nowMs;
  state.heartbeatAtMs = Number.POSITIVE_INFINITY;
  state.heartbeatSentAtMs = null;
  log(core, "warn", "The scheduler is gone", { reason });
  if (!state.acme) {
    leaveWith(core, {
      reason: "unreachable",
      exitCode: exitCodes.schedulerLost,
      message: `The scheduler is gone: ${reason}`,
    });
    return;
  }
  giveUpUnstarted(core);
}

// Running tasks and values are offered at the next registration; the rest is not ours any more,
// nor is what was to run again once an aborted run has ended.
function giveUpUnstarted(core: Core): void {
  for (const order of core.state.orders.values()) order.steals = null;
  for (const task of [...core.state.tasks.values()]) {
    const runs = task.order !== null && task.next !== "waiting";
    if (task.state !== "memory" && !runs) freeTask(core, task);
  }
  for (const task of [...core.state.tasks.values()]) {
    const { state } = task;
    if (state === "waiting" || state === "ready" || state === "constrained") giveUp(core, task);
  }
}

export function heartbeatAnswered(
  core: Core,
  event: Extract<WorkerEvent, { type: "heartbeat-answered" }>,
): void {
  const { state } = core;
  if (state.heartbeatSentAtMs === null) return;
  state.heartbeatSentAtMs = null;
  if (event.heartbeatIntervalMs !== undefined) {
    state.heartbeatIntervalMs = event.heartbeatIntervalMs;
  }
  if (event.status !== "missing") return;
  if (!state.acme) {
    leaveWith(core, {
      reason: "missing",
      exitCode: exitCodes.schedulerLost,
      message: "The scheduler does not know this worker any more",
    });
    return;
  }
  dropLink(core, "the scheduler does not know this worker any more");
  core.out.reconnect = true;
}

/** Sends a heartbeat when it is time and the last one is answered or given up. */
export function beat(core: Core): void {
  const { state } = core;
  if (state.link === null || core.nowMs < state.heartbeatAtMs) return;
  state.heartbeatAtMs = core.nowMs + state.heartbeatIntervalMs;
  const sent = state.heartbeatSentAtMs;
  if (sent !== null && core.nowMs < sent + state.limits.heartbeatAnswerMs) return;
  state.heartbeatSentAtMs = core.nowMs;
  core.out.calls.push(heartbeat(state, core.nowMs));
}

/** Without a scheduler a worker gives up after a while. */
export function checkDeadline(core: Core): void {
  const { state } = core;
  if (state.disconnectedAtMs === null || state.link !== null || state.status === "closed") return;
  if (core.nowMs < state.disconnectedAtMs + state.limits.reconnectMs) return;
  leaveWith(core, {
    reason: "unreachable",
    exitCode: exitCodes.schedulerLost,
    message: `No scheduler for ${state.limits.reconnectMs / 1_000} s`,
  });
}

/** Tells the scheduler when the status has changed, or why it is what it is. */
export function reportStatus(core: Core): void {
  const { state } = core;
  if (state.status === "closed" || state.link === null) return;
  const status = currentStatus(core);
  const reason = state.acme && status === "paused" ? pauseReason(core) : null;
  if (status === state.status && reason === state.pauseReason) return;
  state.status = status;
  state.pauseReason = reason;
  const message = { op: "worker-status-change" as const, status, stimulus_id: core.stimulusId };
  send(core, reason === null ? message : { ...message, reason });
}

/** For people who wonder why nothing runs. */
function pauseReason({ state }: Core): string | null {
  if (state.pausedFor.has("disk")) return state.spillProblem;
  return state.pausedFor.has("memory") ? "Its memory is nearly full." : null;
}

function currentStatus(core: Core): CoreStatus {
  if (core.state.closing) return "closing_gracefully";
  return core.state.pausedFor.size > 0 ? "paused" : "running";
}
