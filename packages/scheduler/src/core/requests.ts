// Requests (rpc) that change state: each is answered now, or parked until it is done.
// Requests that only read never come here; the shell answers them from the view.
// Corresponds to the handlers of dask's Scheduler.
import type { TaskKey } from "@acme/protocol";
import type { CoreRequest, RequestId } from "./events.js";
import { abandonExtension, extensionRequest } from "./extensions/handle.js";
import { reachBarrier, tendBarrier } from "./extensions/shuffle/inputs-done.js";
import { getOrCreateShuffle, getShuffle } from "./extensions/shuffle/plan.js";
import { restrictTask } from "./extensions/shuffle/restart.js";
import { heartbeat } from "./heartbeats.js";
import { coreLimits } from "./limits.js";
import { setMetadata } from "./metadata.js";
import { isOperation, operate } from "./operations/handle.js";
import { restart, restartTimedOut, restartWorkers } from "./restart.js";
import { setResources, setRestrictions } from "./restrictions.js";
import { retireWorkers } from "./retire.js";
import { retry } from "./retry.js";
import { announceData, beginScatter } from "./scatter.js";
import { freeArrivals } from "./scatter-arrivals.js";
import { settle } from "./transitions/engine.js";
import { freeKey, refuse, reply, stimulate, type Turn, wakeBy } from "./turn.js";
import { addKeys, dropReplica } from "./worker-messages.js";
import { removeWorker } from "./workers.js";

export function handleRequest(turn: Turn, requestId: RequestId, request: CoreRequest): void {
  const state = turn.state;
  switch (request.op) {
    case "heartbeat_worker":
      heartbeat(turn, requestId, request);
      return;
    case "retire_workers":
    case "restart":
    case "restart_workers":
      park(turn, requestId, request);
      return;
    case "retry":
      retry(turn, requestId, request);
      return;
    case "unregister":
      unregister(turn, requestId, request.address);
      return;
    case "update_data": {
      const client = state.clients.get((request.client ?? "") as never) ?? null;
      announceData(turn, client, request);
      reply(turn, requestId, "OK");
      return;
    }
    case "add_keys": {
      const worker = state.workers.get(request.worker as never);
      if (worker !== undefined) addKeys(turn, worker, request.keys);
      reply(turn, requestId, worker === undefined ? "not found" : "OK");
      return;
    }
    case "set_resources":
      setResources(turn, request.worker, request.resources);
      reply(turn, requestId, "OK");
      return;
    case "set_restrictions":
      setRestrictions(turn, request.worker);
      reply(turn, requestId, "OK");
      return;
    case "set_metadata": {
      const wrong = setMetadata(state, request.keys, request.value ?? null);
      wrong === null ? reply(turn, requestId, "OK") : refuse(turn, requestId, wrong);
      return;
    }
    case "shuffle_get":
      getShuffle(turn, requestId, request);
      return;
    case "shuffle_get_or_create":
      getOrCreateShuffle(turn, requestId, request);
      return;
    case "shuffle_restrict_task":
      restrictTask(turn, requestId, request);
      return;
    case "shuffle_barrier":
      reachBarrier(turn, requestId, request);
      return;
    default:
      if (isOperation(request)) operate(turn, requestId, request);
      else extensionRequest(turn, requestId, request);
  }
}

type Parking = Extract<CoreRequest, { op: "retire_workers" | "restart" | "restart_workers" }>;

function park(turn: Turn, requestId: RequestId, request: Parking): void {
  if (turn.state.parked.size >= coreLimits.parkedRequests) {
    refuse(turn, requestId, "too many requests are waiting already; try again later");
    return;
  }
  if (request.op === "retire_workers") {
    retireWorkers(turn, requestId, request);
    return;
  }
  if (request.op === "restart") {
    restart(turn, requestId, request);
    return;
  }
  restartWorkers(turn, requestId, request);
}

function unregister(turn: Turn, requestId: RequestId, address: string): void {
  const worker = turn.state.workers.get(address as never);
  if (worker !== undefined) {
    removeWorker(turn, worker, { expected: true, reason: "it unregistered" });
  }
  reply(turn, requestId, "OK");
}

/** Nobody waits for the answer any more. */
export function abandonRequest(turn: Turn, requestId: RequestId): void {
  abandonExtension(turn, requestId);
  const parked = turn.state.parked.get(requestId);
  // A restart under way is brought to its end although nobody waits for the answer.
  if (parked?.kind === "restart" || parked?.kind === "copies") return;
  if (parked?.kind === "scatter") freeArrivals(turn, parked);
  turn.state.parked.delete(requestId);
}

/** A gather found replicas gone. */
export function missingData(turn: Turn, address: string, keys: readonly TaskKey[]): void {
  stimulate(turn, "missing-data");
  const worker = turn.state.workers.get(address as never);
  if (worker === undefined) return;
  for (const key of keys) {
    const task = turn.state.tasks.get(key);
    if (task === undefined || !worker.hasWhat.has(task)) continue;
    // It may only have been out of reach: what is not counted as a replica must not stay there.
    freeKey(turn, worker, key);
    dropReplica(turn, task, worker);
  }
  settle(turn);
}

/** Parked requests whose time is up, and scatters that waited for a worker. */
export function tendParked(turn: Turn): void {
  for (const parked of [...turn.state.parked.values()]) {
    if (parked.kind === "scatter" && turn.workersChanged) beginScatter(turn, parked);
    if (parked.kind === "shuffle-barrier") {
      tendBarrier(turn, parked);
      continue;
    }
    if (parked.deadlineMs > turn.nowMs) {
      wakeBy(turn, parked.deadlineMs);
      continue;
    }
    if (!turn.state.parked.delete(parked.requestId)) continue;
    if (parked.kind === "restart") restartTimedOut(turn, parked);
    else if (parked.kind === "retire") reply(turn, parked.requestId, parked.retired);
    else if (parked.kind === "copies") {
      refuse(turn, parked.requestId, "copying took longer than any request may", "TimeoutError");
    } else {
      freeArrivals(turn, parked);
      refuse(turn, parked.requestId, "no worker took the scattered data in time", "TimeoutError");
    }
  }
}
