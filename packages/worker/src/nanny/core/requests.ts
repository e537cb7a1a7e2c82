// What a scheduler asks of a nanny, in dask's ops. Reads are answered by the shell.
// Starting and ending the child is left to child.ts. Corresponds to the handlers of dask's Nanny.
import type { NannyRequest } from "@acme/protocol";
import { startWhenDue, stopChild } from "./child.js";
import type { NannyCore } from "./context.js";

export function nannyRequested(core: NannyCore, requestId: number, request: NannyRequest): void {
  switch (request.op) {
    case "kill":
      // As dask: whoever kills wants a fresh worker. Only `terminate` ends it.
      core.state.afterExit = "restart";
      stopAndReply(core, requestId, graceOf(core, request.timeout));
      return;
    case "terminate":
      core.state.afterExit = "leave";
      stopAndReply(core, requestId, core.state.limits.killGraceMs);
      return;
    case "instantiate":
      start(core);
      replyWhenRegistered(core, requestId, "running");
      return;
    case "restart":
      restart(core, graceOf(core, request.timeout));
      replyWhenRegistered(core, requestId, "OK");
      return;
    case "close_gracefully":
      // The worker goes by itself; its exit is not to be mended.
      core.state.afterExit = "leave";
      core.out.replies.push({ requestId, reply: { status: "OK" } });
      return;
    default:
      core.out.replies.push({
        requestId,
        reply: { status: "error", message: `${request.op} is answered without the core` },
      });
  }
}

const graceOf = (core: NannyCore, timeoutSeconds: number | undefined): number =>
  timeoutSeconds === undefined ? core.state.limits.killGraceMs : timeoutSeconds * 1_000;

function stopAndReply(core: NannyCore, requestId: number, graceMs: number): void {
  stopChild(core, graceMs);
  if (core.state.child === "stopping") core.state.awaitExit.push(requestId);
  else core.out.replies.push({ requestId, reply: { status: "OK" } });
}

function start(core: NannyCore): void {
  const { state } = core;
  if (state.child === "stopped") {
    state.child = "waiting";
    state.startAtMs = core.nowMs;
    state.starts = 0;
    startWhenDue(core);
  } else if (state.child === "stopping") {
    state.afterExit = "restart";
  }
}

function restart(core: NannyCore, graceMs: number): void {
  const { state } = core;
  if (state.child === "running" || state.child === "starting") {
    state.afterExit = "restart";
    stopChild(core, graceMs);
    state.registered = false;
  } else {
    start(core);
  }
}

function replyWhenRegistered(core: NannyCore, requestId: number, reply: unknown): void {
  const { state } = core;
  if (state.registered && state.child === "running") {
    core.out.replies.push({ requestId, reply });
    return;
  }
  const deadlineMs = core.nowMs + state.limits.registrationMs;
  state.awaitRegistered.push({ requestId, reply, deadlineMs });
}
