// The rpcs of peers and of the scheduler that change something here. Reads are answered by the
// shell from the view.
import type { WireKey, WorkerRequest } from "@acme/protocol";
import { dropComputation } from "./computation.js";
import { freeKeys } from "./compute-task.js";
import { type Core, obtainTask, send } from "./context.js";
import type { OpaqueBytes, RequestId } from "./events.js";
import { gatherGone, gatherRequested } from "./gather-request.js";
import { leaveNow } from "./leaving.js";
import { dataRequested, servingEnded } from "./serve.js";
import { move } from "./transition.js";
import { keepValue } from "./values.js";

export function requested(core: Core, requestId: RequestId, request: WorkerRequest): void {
  switch (request.op) {
    case "get_data":
      dataRequested(core, requestId, request.keys);
      return;
    case "update_data":
      dataGiven(core, requestId, request.data);
      return;
    case "gather":
      gatherRequested(core, requestId, request.who_has);
      return;
    case "free_keys":
      freeKeys(core, request.keys);
      reply(core, requestId, { status: "OK" });
      return;
    case "terminate":
      reply(core, requestId, { status: "OK" });
      leaveNow(core, `Asked to end: ${request.reason ?? "no reason given"}`);
      return;
    default:
      reply(core, requestId, {
        status: "error",
        message: `${request.op} changes nothing here and is answered from the view`,
      });
      return;
  }
}

/** The peer went away before it was answered. */
export function requestGone(core: Core, requestId: RequestId): void {
  servingEnded(core, requestId);
  gatherGone(core, requestId);
}

function reply(core: Core, requestId: RequestId, value: unknown): void {
  core.out.replies.push({ requestId, reply: value });
}

function dataGiven(
  core: Core,
  requestId: RequestId,
  data: ReadonlyMap<WireKey, Exclude<OpaqueBytes, Uint8Array>>,
): void {
  const nbytes = new Map<WireKey, number>();
  for (const [wire, payload] of data) {
    nbytes.set(wire, payload.nbytes);
    giveValue(core, requestId, wire, payload.nbytes);
  }
  reply(core, requestId, { status: "OK", nbytes });
  // The reply may be lost; a copy that the scheduler never hears of would stay for ever.
  const keys = [...data.keys()];
  if (keys.length > 0) send(core, { op: "add-keys", keys, stimulus_id: core.stimulusId });
}

// A task that runs here brings the value itself; what is merely awaited is settled by this.
function giveValue(core: Core, requestId: RequestId, wire: WireKey, nbytes: number): void {
  const task = obtainTask(core, wire);
  if (task.state === "memory" || task.order !== null) return;
  task.fetch = null;
  if (task.state !== "released" && task.state !== "flight") move(core, task, "released");
  dropComputation(core, task);
  keepValue(core, task, { source: "request", id: requestId, nbytes });
}
