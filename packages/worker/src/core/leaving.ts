// How a worker ends: asked by the scheduler, by a signal, or because the scheduler is lost. A
// worker that leaves by itself hands back what has not started and lets the rest end in time.
import type { WorkerStatus } from "@acme/protocol";
import { dropUnwanted } from "./computation.js";
import { giveUp } from "./compute-task.js";
import { type Core, log, send } from "./context.js";
import { retract } from "./hand-over.js";
import { exitCodes } from "./limits.js";
import type { Left } from "./outbox.js";
import { isHead } from "./slots.js";

/** SIGTERM, or the end of the job draws near. */
export function leaveRequested(core: Core, graceMs: number, reason: string): void {
  const { state } = core;
  const deadline = core.nowMs + graceMs;
  state.leaveAtMs = Math.min(state.leaveAtMs ?? deadline, deadline);
  log(core, "info", "Leaving", { reason, graceMs, orders: state.orders.size });
  handBack(core);
}

/** The scheduler sets our status, for example because it retires us. */
export function statusOrdered(core: Core, status: WorkerStatus): void {
  const { state } = core;
  if (status === "closing_gracefully") {
    handBack(core);
  } else if (status === "paused") {
    state.pausedFor.add("scheduler");
  } else if (status === "running") {
    state.pausedFor.delete("scheduler");
    if (state.leaveAtMs === null) state.closing = false;
  } else {
    log(core, "warn", "The scheduler ordered a status that a worker cannot take", { status });
    return;
  }
  // Its view of us may be older than ours: it hears what holds now.
  if (state.status !== "init") state.status = status === "running" ? "running" : state.status;
}

// What has not started is the scheduler's again.
function handBack(core: Core): void {
  const { state } = core;
  if (state.closing) return;
  state.closing = true;
  for (const task of state.tasks.values()) task.replica = false;
  handBackUnstarted(core);
  for (const task of [...state.tasks.values()]) dropUnwanted(core, task);
}

/** What has not started runs elsewhere; a handed over order that comes back follows it. */
export function handBackUnstarted(core: Core): void {
  const { state } = core;
  for (const task of [...state.tasks.values()]) {
    if (task.state !== "waiting" && task.state !== "ready" && task.state !== "constrained")
      continue;
    send(core, { op: "reschedule", key: task.wire, stimulus_id: core.stimulusId });
    giveUp(core, task);
  }
  for (const order of state.orders.values()) if (!isHead(core, order)) retract(core, order);
}

/** Done as soon as nothing runs and nothing here is needed elsewhere, or time is up. */
export function checkLeaving(core: Core): void {
  const { state } = core;
  if (state.leaveAtMs === null || state.status === "closed") return;
  if (state.orders.size === 0 && (state.link === null || !hasValues(core))) {
    leaveNow(core, "Left: everything is handed over");
    return;
  }
  if (core.nowMs < state.leaveAtMs) return;
  leaveNow(core, `Left: time was up with ${state.orders.size} orders running`);
}

function hasValues(core: Core): boolean {
  if (core.state.memoryBytes > 0 || core.state.diskBytes > 0) return true;
  for (const task of core.state.tasks.values()) if (task.state === "memory") return true;
  return false;
}

/** Asked to go at once. */
export function leaveNow(core: Core, message: string): void {
  leaveWith(core, { reason: "asked", exitCode: exitCodes.asked, message });
}

export function leaveWith(core: Core, left: Left): void {
  const { state } = core;
  if (state.status === "closed") return;
  send(core, { op: "close-stream" });
  state.status = "closed";
  state.closing = true;
  core.out.left = left;
  log(core, left.exitCode === exitCodes.asked ? "info" : "error", left.message);
}
