// The nanny core's one door: events in, orders out. It decides when the child starts, when it
// has to go, and when to give up. It must not know processes, signals or clocks.
// Corresponds to dask's Nanny and its WorkerProcess.
import { assertNever } from "@acme/protocol";
import {
  childExited,
  childRegistered,
  childStarted,
  killWhenDue,
  leave,
  refuseOverdue,
  startWhenDue,
  stopChild,
} from "./child.js";
import { log, type NannyCore } from "./context.js";
import type { DescendantMemory, NannyEvent } from "./events.js";
import { nannyExitCodes } from "./limits.js";
import type { NannyOutbox } from "./outbox.js";
import { nannyRequested } from "./requests.js";
import type { NannyState } from "./state.js";

/**
 * Takes one batch of events.
 *
 * @param state - changed in place
 * @param events - in the order they happened; none: only time has passed
 * @param nowMs - milliseconds of any clock that does not go backwards
 * @param out - appended to; empty it after each step
 */
export function step(
  state: NannyState,
  events: readonly NannyEvent[],
  nowMs: number,
  out: NannyOutbox,
): void {
  const core: NannyCore = { state, out, nowMs };
  for (const event of events) if (!state.left) handle(core, event);
  if (!state.left) {
    killWhenDue(core);
    refuseOverdue(core);
    startWhenDue(core);
  }
  out.wakeAtMs = state.left ? null : nextWakeMs(state);
}

function handle(core: NannyCore, event: NannyEvent): void {
  switch (event.type) {
    case "started":
      childStarted(core, event.pid);
      return;
    case "start-failed":
      log(core, "error", `The worker could not be started: ${event.message}`);
      childExited(core, null, null);
      return;
    case "exited":
      childExited(core, event.code, event.signal);
      return;
    case "registered":
      childRegistered(core);
      return;
    case "memory":
      memoryMeasured(core, event.treeBytes, event.largest);
      return;
    case "request":
      nannyRequested(core, event.requestId, event.request);
      return;
    case "leave":
      leaveRequested(core, event.graceMs);
      return;
    default:
      assertNever(event);
  }
}

function memoryMeasured(core: NannyCore, treeBytes: number, largest?: DescendantMemory): void {
  const { state } = core;
  state.treeBytes = treeBytes;
  const limitBytes = state.memoryLimitBytes;
  if (limitBytes === null || treeBytes <= limitBytes * state.limits.terminateFraction) return;
  if (state.child !== "running" && state.child !== "stopping") return;
  const excessBytes = treeBytes - limitBytes * state.limits.terminateFraction;
  if (largest !== undefined && largest.bytes >= excessBytes && endDescendant(core, largest)) return;
  if (state.child === "running") {
    log(core, "warn", "The worker uses nearly all of its memory limit and is restarted", {
      treeBytes,
      limitBytes,
    });
  }
  // Killed, not asked to go: the tasks of a worker that says goodbye are innocent to the scheduler,
  // and the one that eats the memory would go on to do so on worker after worker without end.
  state.child = "stopping";
  core.out.signals.push("SIGKILL");
  state.killAtMs = core.nowMs + state.limits.killGraceMs;
}

/** A task in a process of its own dies alone; false if that process was killed already. */
function endDescendant(core: NannyCore, { pid, bytes }: DescendantMemory): boolean {
  if (core.state.child !== "running" || core.state.killedDescendant === pid) return false;
  core.state.killedDescendant = pid;
  core.out.killDescendants.push(pid);
  log(core, "warn", "A task's process takes too much memory and is killed", { pid, bytes });
  return true;
}

function leaveRequested(core: NannyCore, graceMs: number): void {
  core.state.afterExit = "leave";
  stopChild(core, graceMs);
  if (core.state.child === "stopped") leave(core, nannyExitCodes.asked);
}

function nextWakeMs(state: NannyState): number | null {
  const due = state.awaitRegistered.map(({ deadlineMs }) => deadlineMs);
  if (state.killAtMs !== null) due.push(state.killAtMs);
  if (state.child === "waiting") due.push(state.startAtMs);
  return due.length === 0 ? null : Math.min(...due);
}
