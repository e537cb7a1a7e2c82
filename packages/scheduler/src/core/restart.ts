// Restart: all tasks are forgotten, every worker process is replaced through its nanny (or told to
// close, if it has none), and the answer waits until they are back. Corresponds to dask's restart
// and restart_workers.
import { isRunning } from "./buckets.js";
import type { ClientState } from "./client-state.js";
import { undesire } from "./desires.js";
import type { CoreRequest, RequestId } from "./events.js";
import { abandonUnfolding } from "./foreign-updates.js";
import { coreLimits } from "./limits.js";
import { announce } from "./operations/announce.js";
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
  const parked = park(turn, requestId, request);
  for (const worker of [...state.workers.values()]) replace(turn, parked, worker);
}

export function restartWorkers(turn: Turn, requestId: RequestId, request: RestartWorkers): void {
  stimulate(turn, "restart-workers");
  const { workers: all } = turn.state;
  const parked = park(turn, requestId, request);
  const workers = request.workers === undefined ? all.values() : named(turn.state, request.workers);
  for (const worker of [...workers]) replace(turn, parked, worker);
}

/** One of ours without a nanny is gone for good; of Python's, something else may start it again. */
const comesBack = ({ nanny, acme }: WorkerState): boolean => nanny !== null || acme === 0;

function timeoutMs(timeout: number | string | undefined): number {
  const seconds = Number(typeof timeout === "string" ? timeout.replace(/\s*s$/, "") : timeout);
  if (!Number.isFinite(seconds) || seconds <= 0) return coreLimits.callTimeoutMs;
  return Math.min(seconds * 1000, coreLimits.timeoutMaxMs);
}

function forgetEverything(turn: Turn): void {
  const { clients, backlog } = turn.state;
  for (const client of [...clients.values(), ...backlog]) {
    acknowledgePending(turn, client);
    abandonUnfolding(turn, client);
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

function park(turn: Turn, requestId: RequestId, request: Restart | RestartWorkers): ParkedRestart {
  const waitMs = timeoutMs(request.timeout);
  const comingBack = [...turn.state.workers.values()].filter(comesBack);
  const parked: ParkedRestart = {
    kind: "restart",
    requestId,
    deadlineMs: turn.nowMs + waitMs,
    calls: new Map(),
    leaving: new Set(),
    workersWanted: request.wait_for_workers === false ? 0 : comingBack.length,
    outcome: new Map(),
    answersOutcome: request.op === "restart_workers",
    nannies: new Map(),
    raises: request.op === "restart" || request.on_error !== "return",
    timeoutMs: waitMs,
  };
  turn.state.parked.set(requestId, parked);
  return parked;
}

function replace(turn: Turn, parked: ParkedRestart, worker: WorkerState): void {
  expectLeave(turn, worker);
  if (worker.nanny === null) {
    toWorker(turn, worker, { op: "close", reason: "scheduler-restart" });
    removeWorker(turn, worker, { expected: true, reason: "restart, and it has no nanny" });
    parked.outcome.set(worker.address, "removed");
    return;
  }
  turn.state.nextCall += 1;
  const callId = turn.state.nextCall;
  const callTimeoutMs = Math.max(0, parked.deadlineMs - turn.nowMs);
  parked.calls.set(callId, worker.address);
  parked.nannies.set(worker.address, worker.nanny);
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
  parked.outcome.set(address, failure === null ? "OK" : "timed out");
  if (failure === null) return;
  const worker = state.workers.get(address as never);
  if (worker?.leaving !== true) return;
  removeWorker(turn, worker, { expected: true, reason: `its nanny did not answer: ${failure}` });
}

/** Answers restarts that are complete; once at the end of a step. */
export function finishRestarts(turn: Turn): void {
  for (const parked of turn.state.parked.values()) {
    if (parked.kind !== "restart" || parked.calls.size > 0) continue;
    if (parked.raises && refuseLate(turn, parked)) continue;
    for (const worker of parked.leaving) if (worker.link < 0) parked.leaving.delete(worker);
    if (parked.leaving.size > 0 || runningCount(turn) < parked.workersWanted) continue;
    turn.state.parked.delete(parked.requestId);
    announce(turn, ["all"], "restart-workers", { workers: [...parked.outcome.keys()] });
    reply(turn, parked.requestId, parked.answersOutcome ? parked.outcome : null);
  }
}

/** True, and refused, if a nanny did not do its part. */
function refuseLate(
  turn: Turn,
  { requestId, outcome, nannies, timeoutMs }: ParkedRestart,
): boolean {
  const late = [...nannies.keys()].filter((address) => outcome.get(address) === "timed out");
  if (late.length === 0) return false;
  turn.state.parked.delete(requestId);
  const error =
    `${late.length}/${nannies.size} nanny worker(s) did not shut down within ` +
    `${timeoutMs / 1000}s: ${late.join(", ")}`;
  refuse(turn, requestId, error, "TimeoutError");
  return true;
}

/** The time of a restart, which is parked no more, is up. */
export function restartTimedOut(turn: Turn, parked: ParkedRestart): void {
  const { calls, outcome, nannies, requestId } = parked;
  for (const address of calls.values()) {
    outcome.set(address, "timed out");
    const worker = turn.state.workers.get(address as never);
    const reason = "its nanny did not answer in time";
    if (worker?.leaving === true) removeWorker(turn, worker, { expected: true, reason });
  }
  if (parked.raises) {
    if (!refuseLate(turn, parked)) refuse(turn, requestId, notBack(turn, parked), "TimeoutError");
    return;
  }
  const back = new Set([...turn.state.workers.values()].map(({ nanny }) => nanny));
  for (const [address, nanny] of nannies) if (!back.has(nanny)) outcome.set(address, "timed out");
  reply(turn, requestId, outcome);
}

/** dask's words. */
function notBack(turn: Turn, { outcome, workersWanted, timeoutMs }: ParkedRestart): string {
  const removed = [...outcome.values()].filter((one) => one === "removed").length;
  const message =
    `Waited for ${outcome.size} worker(s) to reconnect after restarting but, after ` +
    `${timeoutMs / 1000}s, ${workersWanted - runningCount(turn)} have not returned. ` +
    "Consider a longer timeout, or `wait_for_workers=False`.";
  if (removed === 0) return message;
  return (
    `${message} The ${removed} worker(s) not using Nannies were just shut down instead of ` +
    "restarted (restart is only possible with Nannies). If your deployment system does not " +
    "automatically re-launch terminated processes, then those workers will never come back, and " +
    "`Client.restart` will always time out. Do not use `Client.restart` in that case."
  );
}

function runningCount(turn: Turn): number {
  let count = 0;
  for (const worker of turn.state.workers.values()) if (isRunning(worker)) count += 1;
  return count;
}
