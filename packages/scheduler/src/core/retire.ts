// A worker leaves in good order: it gets no new tasks, results that only it holds are copied to
// others, then it is told to close. On request (retire_workers) or because it announced it itself.
import type { SchedulerToWorker, WireKey } from "@acme/protocol";
import { pickledKey, workersToClose } from "./adaptive.js";
import { isRunning } from "./buckets.js";
import type { CoreRequest, RequestId } from "./events.js";
import { coreLimits } from "./limits.js";
import { loadChanged } from "./open-workers.js";
import { announce } from "./operations/announce.js";
import type { ParkedRetire, Retirement } from "./parked.js";
import { sizeOf } from "./relations.js";
import { flag, isSet, type Task } from "./task.js";
import { refuse, reply, stimulate, type Turn, toWorker, wakeBy } from "./turn.js";
import { named, workerIdentity } from "./view.js";
import type { WorkerState } from "./worker-state.js";
import { changed, expectLeave, removeWorker } from "./workers.js";

type RetireWorkers = Extract<CoreRequest, { op: "retire_workers" }>;

export function retireWorkers(turn: Turn, requestId: RequestId, request: RetireWorkers): void {
  const state = turn.state;
  if (request.workers !== undefined && request.names !== undefined) {
    refuse(turn, requestId, "names and workers are mutually exclusive", "TypeError");
    return;
  }
  if (request.key instanceof Uint8Array) {
    refuse(turn, requestId, pickledKey, "TypeError");
    return;
  }
  const workers = chosen(turn, request).filter((worker) => !holdsActor(worker));
  if (workers.length === 0) {
    reply(turn, requestId, new Map());
    return;
  }
  const parked: ParkedRetire = {
    kind: "retire",
    requestId,
    deadlineMs: turn.nowMs + coreLimits.retireTimeoutMs,
    leaving: new Set(workers),
    retired: new Map(),
  };
  state.parked.set(requestId, parked);
  const close = request.close_workers ?? false;
  const remove = request.remove ?? true;
  const way = { close, remove, drain: request.drain ?? false, own: false };
  for (const worker of workers) beginRetirement(turn, worker, way);
}

function chosen(turn: Turn, request: RetireWorkers): WorkerState[] {
  const state = turn.state;
  if (request.workers !== undefined) return named(state, request.workers);
  if (request.names !== undefined) return named(state, request.names);
  const { memory_ratio: memoryRatio, n, target, minimum, key } = request;
  const grouping = key instanceof Uint8Array ? undefined : key;
  return workersToClose(state, { memoryRatio, n, target, minimum, key: grouping });
}

/** An actor's state cannot be moved. */
function holdsActor(worker: WorkerState): boolean {
  for (const task of worker.hasWhat) if (isSet(task, flag.actor)) return true;
  return false;
}

type Way = Pick<Retirement, "close" | "remove" | "drain" | "own">;

export function beginRetirement(turn: Turn, worker: WorkerState, way: Way): void {
  const known = turn.state.retiring.get(worker);
  if (known !== undefined) {
    known.close ||= way.close;
    known.remove ||= way.remove;
    return;
  }
  worker.status = "closing_gracefully";
  changed(turn, worker);
  const rescues: Retirement["rescues"] = new Map();
  turn.state.retiring.set(worker, { worker, rescues, ...way });
  for (const task of worker.hasWhat) {
    if (isUnique(turn, task)) rescues.set(task, { askedMs: 0, recipient: null });
  }
  if (way.own) return;
  toWorker(turn, worker, {
    op: "worker-status-change",
    status: "closing_gracefully",
    stimulus_id: stimulate(turn, "retire-worker"),
  });
}

function isUnique(turn: Turn, task: Task): boolean {
  if (sizeOf(task.whoHas) === 1) return true;
  const holders = task.whoHas as Iterable<WorkerState>;
  for (const holder of holders) if (!turn.state.retiring.has(holder)) return false;
  return true;
}

/** The worker is gone or changed its mind. */
export function abandonRetirement(turn: Turn, worker: WorkerState): void {
  turn.state.retiring.delete(worker);
  settleRequests(turn, worker, null);
}

/** Asks for copies, and lets go of those whose results are safe; once at the end of a step. */
export function retire(turn: Turn): void {
  for (const retirement of [...turn.state.retiring.values()]) {
    if (retirement.rescues.size > 0 && !rescue(turn, retirement)) {
      if (!retirement.own) {
        stay(turn, retirement.worker);
        continue;
      }
      retirement.rescues.clear();
    }
    const isBusy = retirement.drain && retirement.worker.processing.size > 0;
    if (retirement.rescues.size === 0 && !isBusy) leave(turn, retirement);
  }
}

/** Asks others to copy; false if there is nobody who could. */
function rescue(turn: Turn, { worker, rescues }: Retirement): boolean {
  const recipients = [...turn.state.workers.values()].filter(
    (one) => one.lang === worker.lang && isRunning(one),
  );
  if (recipients.length === 0) return false;
  recipients.sort((a, b) => a.heldBytes - b.heldBytes);
  const asks = new Map<WorkerState, Task[]>();
  let turnOf = 0;
  for (const [task, ask] of rescues) {
    if (turn.nowMs - ask.askedMs < coreLimits.acquireRetryMs) continue;
    const recipient = recipients[turnOf++ % recipients.length] as WorkerState;
    ask.askedMs = turn.nowMs;
    ask.recipient = recipient;
    const list = asks.get(recipient);
    if (list === undefined) asks.set(recipient, [task]);
    else list.push(task);
  }
  for (const [recipient, tasks] of asks) toWorker(turn, recipient, acquire(turn, worker, tasks));
  wakeBy(turn, turn.nowMs + coreLimits.acquireRetryMs);
  return true;
}

function acquire(turn: Turn, worker: WorkerState, tasks: readonly Task[]): SchedulerToWorker {
  const from = [worker.address];
  const who_has = new Map<WireKey, string[]>();
  const nbytes = new Map<WireKey, number>();
  for (const task of tasks) {
    who_has.set(task.wire, from);
    nbytes.set(task.wire, Math.max(0, task.nbytes));
  }
  const stimulus_id = stimulate(turn, "retire-worker");
  return { op: "acquire-replicas", who_has, nbytes, stimulus_id };
}

function stay(turn: Turn, worker: WorkerState): void {
  turn.state.retiring.delete(worker);
  worker.status = "running";
  changed(turn, worker);
  loadChanged(worker);
  toWorker(turn, worker, {
    op: "worker-status-change",
    status: "running",
    stimulus_id: stimulate(turn, "retire-worker-failed"),
  });
  settleRequests(turn, worker, null);
}

function leave(turn: Turn, { worker, close, remove, own }: Retirement): void {
  turn.state.retiring.delete(worker);
  expectLeave(turn, worker);
  const identity = workerIdentity(worker);
  if (close) toWorker(turn, worker, { op: "close", reason: own ? "left" : "retired" });
  settleRequests(turn, worker, identity);
  if (remove) removeWorker(turn, worker, { expected: true, reason: "retired" });
}

function settleRequests(turn: Turn, worker: WorkerState, identity: unknown): void {
  for (const parked of turn.state.parked.values()) {
    if (parked.kind !== "retire" || !parked.leaving.delete(worker)) continue;
    if (identity !== null) parked.retired.set(worker.address, identity);
    if (parked.leaving.size > 0) continue;
    turn.state.parked.delete(parked.requestId);
    const retired = [...parked.retired.keys()];
    announce(turn, ["all"], "retire-workers", { retired });
    reply(turn, parked.requestId, parked.retired);
  }
}
