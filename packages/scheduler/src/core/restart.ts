// Restart: all tasks are forgotten, every worker process is replaced through its nanny (or told to
// close, if it has none), and the answer waits until they are back. Corresponds to dask's restart
// and restart_workers.
import { isRunning } from "./buckets.js";
import type { ClientState } from "./client-state.js";
import { undesire } from "./desires.js";
import type { CoreRequest, RequestId } from "./events.js";
import { coreLimits } from "./limits.js";
import type { ParkedRestart } from "./parked.js";
import { recommend, settle } from "./transitions/engine.js";
import { refuse, reply, stimulate, type Turn, toClient, toWorker } from "./turn.js";
import { named } from "./view.js";
import type { WorkerState } from "./worker-state.js";
import { expectLeave, removeWorker } from "./workers.js";

type Restart = Extract<CoreRequest, { op: "restart" }>;
type RestartWorkers = Extract<CoreRequest, { op: "restart_workers" }>;

export function restart(turn: Turn, requestId: RequestId, request: Restart): void {
  const state = turn.state;
  stimulate(turn, "restart");
  forgetEverything(turn);
  const message = { op: "restart" as const };
  for (const client of state.clients.values()) toClient(turn, client, message);
  const workers = [...state.workers.values()];
  const parked = park(turn, requestId, timeoutMs(request.timeout));
  for (const worker of workers) replace(turn, parked, worker);
  const comeBack = workers.filter((worker) => worker.nanny !== null).length;
  parked.workersWanted = request.wait_for_workers === false ? 0 : comeBack;
}

export function restartWorkers(turn: Turn, requestId: RequestId, request: RestartWorkers): void {
  stimulate(turn, "restart-workers");
  const parked = park(turn, requestId, timeoutMs(request.timeout));
  parked.outcome = new Map();
  for (const worker of named(turn.state, request.workers)) replace(turn, parked, worker);
}

function timeoutMs(timeout: number | string | undefined): number {
  const seconds = Number(typeof timeout === "string" ? timeout.replace(/\s*s$/, "") : timeout);
  if (!Number.isFinite(seconds) || seconds <= 0) return coreLimits.callTimeoutMs;
  return Math.min(seconds * 1000, coreLimits.timeoutMaxMs);
}

function forgetEverything(turn: Turn): void {
  const { clients, backlog } = turn.state;
  for (const client of [...clients.values(), ...backlog]) {
    acknowledgePending(turn, client);
    client.pending = [];
    for (const one of client.hold === null ? [client] : [client, client.hold]) {
      for (const task of one.wants) undesire(turn, one, task);
    }
    client.hold = null;
  }
  backlog.clear();
  settle(turn);
  for (const task of turn.state.tasks.values()) recommend(turn, task, "forgotten");
  settle(turn);
}

// Their client keeps what it sent and is not acknowledged: it would wait for these graphs for ever.
function acknowledgePending(turn: Turn, client: ClientState): void {
  for (const one of client.pending) {
    if (one.type !== "message" || one.message.op !== "update-graph") continue;
    const { sequence } = one.message;
    if (sequence === undefined) continue;
    client.sequenceDone = Math.max(client.sequenceDone, sequence);
    toClient(turn, client, { op: "graph-received", sequence });
  }
}

function park(turn: Turn, requestId: RequestId, waitMs: number): ParkedRestart {
  const parked: ParkedRestart = {
    kind: "restart",
    requestId,
    deadlineMs: turn.nowMs + waitMs,
    calls: new Map(),
    leaving: new Set(),
    workersWanted: 0,
    outcome: null,
  };
  turn.state.parked.set(requestId, parked);
  return parked;
}

function replace(turn: Turn, parked: ParkedRestart, worker: WorkerState): void {
  expectLeave(turn, worker);
  if (worker.nanny === null) {
    toWorker(turn, worker, { op: "close", reason: "scheduler-restart" });
    removeWorker(turn, worker, { expected: true, reason: "restart, and it has no nanny" });
    parked.outcome?.set(worker.address, "removed");
    return;
  }
  turn.state.nextCall += 1;
  const callId = turn.state.nextCall;
  const callTimeoutMs = Math.max(0, parked.deadlineMs - turn.nowMs);
  parked.calls.set(callId, worker.address);
  parked.leaving.add(worker);
  turn.state.calls.set(callId, parked.requestId);
  turn.out.calls.push({
    callId,
    address: worker.nanny,
    request: { op: "kill", reason: "scheduler-restart", timeout: (callTimeoutMs * 0.8) / 1000 },
    timeoutMs: callTimeoutMs,
  });
}

/** The nanny answered, or could not be reached. */
export function nannyAnswered(
  turn: Turn,
  parked: ParkedRestart,
  callId: number,
  failure: string | null,
): void {
  const state = turn.state;
  const address = parked.calls.get(callId);
  parked.calls.delete(callId);
  if (address === undefined) return;
  parked.outcome?.set(address, failure === null ? "OK" : "timed out");
  if (failure === null) return;
  const worker = state.workers.get(address as never);
  if (worker?.leaving !== true) return;
  removeWorker(turn, worker, { expected: true, reason: `its nanny did not answer: ${failure}` });
}

/** Answers restarts that are complete; once at the end of a step. */
export function finishRestarts(turn: Turn): void {
  for (const parked of turn.state.parked.values()) {
    if (parked.kind !== "restart" || parked.calls.size > 0) continue;
    for (const worker of parked.leaving) if (worker.link < 0) parked.leaving.delete(worker);
    if (parked.outcome === null && parked.leaving.size > 0) continue;
    if (runningCount(turn) < parked.workersWanted) continue;
    turn.state.parked.delete(parked.requestId);
    reply(turn, parked.requestId, parked.outcome);
  }
}

export function restartTimedOut(turn: Turn, parked: ParkedRestart): void {
  for (const address of parked.calls.values()) {
    const worker = turn.state.workers.get(address as never);
    const reason = "its nanny did not answer in time";
    if (worker?.leaving === true) removeWorker(turn, worker, { expected: true, reason });
  }
  if (parked.outcome !== null) {
    for (const address of parked.calls.values()) parked.outcome.set(address, "timed out");
    reply(turn, parked.requestId, parked.outcome);
    return;
  }
  const back = runningCount(turn);
  refuse(
    turn,
    parked.requestId,
    `${back} of ${parked.workersWanted} workers came back after the restart within the time given`,
  );
}

function runningCount(turn: Turn): number {
  let count = 0;
  for (const worker of turn.state.workers.values()) if (isRunning(worker)) count += 1;
  return count;
}
