// The life of the one child: when it starts, how it is made to go, and what follows its exit.
// Must not know processes: it orders starts and signals, and is told what came of them.
// Corresponds to WorkerProcess and Nanny of dask's nanny.py.
import { exitCodes } from "../../core/limits.js";
import { log, type NannyCore } from "./context.js";
import { nannyExitCodes } from "./limits.js";

/** Starts the child when it is time. */
export function startWhenDue(core: NannyCore): void {
  const { state } = core;
  if (state.left || state.child !== "waiting" || core.nowMs < state.startAtMs) return;
  state.child = "starting";
  state.starts += 1;
  state.afterExit = "restart";
  core.out.start = { attempt: state.starts };
}

export function childStarted(core: NannyCore, pid: number): void {
  const { state } = core;
  state.pid = pid;
  if (state.child === "starting") state.child = "running";
  // It was asked to go before there was anything to signal.
  else if (state.child === "stopping") core.out.signals.push("SIGTERM");
}

export function childRegistered(core: NannyCore): void {
  const { state } = core;
  if (state.child !== "running") return;
  state.registered = true;
  state.starts = 0;
  for (const { requestId, reply } of state.awaitRegistered) {
    core.out.replies.push({ requestId, reply });
  }
  state.awaitRegistered = [];
}

/** Asks the child to go, and makes it go after the grace. Asking again can only be sooner. */
export function stopChild(core: NannyCore, graceMs: number): void {
  const { state } = core;
  // One that is about to start is as fresh as whoever kills can wish, unless it is to end.
  if (state.child === "waiting" && state.afterExit === "leave") state.child = "stopped";
  if (state.child === "stopped" || state.child === "waiting") return;
  if (state.child !== "stopping") {
    state.child = "stopping";
    core.out.signals.push("SIGTERM");
  }
  const killAtMs = core.nowMs + graceMs;
  state.killAtMs = state.killAtMs === null ? killAtMs : Math.min(state.killAtMs, killAtMs);
}

/** SIGKILL for a child that does not go, and again: the first may meet a process in the making. */
export function killWhenDue(core: NannyCore): void {
  const { state } = core;
  if (state.killAtMs === null || core.nowMs < state.killAtMs) return;
  log(core, "warn", "The worker did not end in time and is killed", { pid: state.pid });
  core.out.signals.push("SIGKILL");
  state.killAtMs = core.nowMs + state.limits.killGraceMs;
}

export function childExited(core: NannyCore, code: number | null, signal: string | null): void {
  const { state } = core;
  const asked = state.child === "stopping";
  state.child = "stopped";
  state.pid = null;
  state.registered = false;
  state.killAtMs = null;
  state.treeBytes = 0;
  for (const requestId of state.awaitExit) {
    core.out.replies.push({ requestId, reply: { status: "OK" } });
  }
  state.awaitExit = [];
  if (state.afterExit === "leave" || (code === exitCodes.asked && !asked)) {
    leave(core, nannyExitCodes.asked);
    return;
  }
  if (!asked && (code === exitCodes.schedulerLost || code === exitCodes.refused)) {
    log(core, "warn", "The worker gave up; its own log says why. It is not started again", {
      code,
    });
    leave(core, code);
    return;
  }
  if (!asked) log(core, "error", "The worker ended unexpectedly", { code, signal });
  startAgain(core);
}

/** The first starts follow at once, later ones after a growing delay, until it is given up. */
function startAgain(core: NannyCore): void {
  const { state } = core;
  const { immediateRestarts, backOffMs, backOffMaxMs, startsWithoutRegistration } = state.limits;
  if (state.starts >= startsWithoutRegistration) {
    log(
      core,
      "error",
      `The worker was started ${state.starts} times and ended each time before it was ` +
        "registered with the scheduler; giving up. Its own log, on stderr, says why",
      { starts: state.starts },
    );
    leave(core, nannyExitCodes.crashLoop);
    return;
  }
  const late = state.starts - immediateRestarts;
  const delayMs = late <= 0 ? 0 : Math.min(backOffMaxMs, backOffMs * 2 ** (late - 1));
  state.child = "waiting";
  state.startAtMs = core.nowMs + delayMs;
}

/** The nanny is done. */
export function leave(core: NannyCore, code: number): void {
  const { state } = core;
  state.left = true;
  core.out.exit = { code };
  for (const { requestId } of state.awaitRegistered) refuse(core, requestId);
  state.awaitRegistered = [];
}

/** Refuses requests whose time is up. */
export function refuseOverdue(core: NannyCore): void {
  const { state } = core;
  const late = state.awaitRegistered.filter(({ deadlineMs }) => deadlineMs <= core.nowMs);
  if (late.length === 0) return;
  state.awaitRegistered = state.awaitRegistered.filter((one) => !late.includes(one));
  for (const { requestId } of late) refuse(core, requestId);
}

function refuse(core: NannyCore, requestId: number): void {
  const message = "The worker did not register in time; see the log of its nanny";
  core.out.replies.push({ requestId, reply: { status: "error", message } });
}
