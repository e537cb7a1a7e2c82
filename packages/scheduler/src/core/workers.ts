// Workers come, report, change status, fall silent and go. Whoever registers under the address or
// name of another supersedes it: the old one is gone first. Corresponds to dask's add_worker,
// remove_worker, heartbeat_worker and check_worker_ttl.
import { acmeProtocol, taskKey, type WorkerAddress, type WorkerStatus } from "@acme/protocol";
import { isRunning } from "./buckets.js";
import { joinErrands, leaveErrands } from "./errands/assign.js";
import type { SchedulerEvent, WorkerRegistration } from "./events.js";
import { endShufflesOf } from "./extensions/shuffle/end.js";
import { loadChanged, openOf } from "./open-workers.js";
import { announceWorker } from "./operations/announce.js";
import { abandonRetirement, beginRetirement } from "./retire.js";
import { workerDied } from "./suspicion.js";
import type { Task } from "./task.js";
import { recommend, settle } from "./transitions/engine.js";
import { freeKey, log, reply, stimulate, type Turn, toWorker } from "./turn.js";
import { refusal, versionsIn, workerWarning } from "./versions.js";
import { addKeys, dropReplica } from "./worker-messages.js";
import { WorkerState } from "./worker-state.js";

type Registered = Extract<SchedulerEvent, { type: "worker-registered" }>;

export function registerWorker(turn: Turn, event: Registered): void {
  const { registration, requestId, link } = event;
  const state = turn.state;
  const versions = versionsIn(registration.versions);
  const peer = { acme: acmeOf(registration), versions };
  const clash = refusal(state, "worker", peer) ?? supersede(turn, registration);
  if (clash !== null) {
    reply(turn, requestId, { status: "error", message: clash, time: turn.nowMs / 1000 });
    turn.out.close.push({ link, reason: clash });
    return;
  }
  const worker = makeWorker(turn, event);
  state.workers.set(worker.address, worker);
  state.workerOfLink.set(link, worker);
  state.aliases.set(String(worker.name), worker);
  state.totalThreads += worker.nthreads;
  joinErrands(turn, worker);
  changed(turn, worker);
  if (isRunning(worker) && worker.processing.size === 0) turn.idle.add(worker);
  const warning = workerWarning(turn, worker);
  reply(turn, requestId, {
    status: "OK",
    time: turn.nowMs / 1000,
    "heartbeat-interval": heartbeatIntervalS(state.workers.size),
    "worker-plugins": worker.acme > 0 ? {} : new Map(state.workerPlugins),
    ...(worker.acme > 0 ? { acme: acmeProtocol } : {}),
    ...(warning === null ? {} : { warning }),
  });
  log(turn, {
    level: "info",
    event: "worker-registered",
    text: `worker ${worker.address} (${worker.name}) with ${worker.nthreads} threads`,
    worker: worker.address,
  });
  announceWorker(turn, worker, "add-worker");
  takeStock(turn, worker, registration);
}

// It may hold results and run tasks from before: copies of what is in memory are welcome, all
// else is dropped, so that both sides agree again.
function takeStock(turn: Turn, worker: WorkerState, registration: WorkerRegistration): void {
  if (registration.held !== undefined) addKeys(turn, worker, [...registration.held.keys()]);
  for (const wire of registration.running?.keys() ?? []) freeKey(turn, worker, taskKey(wire));
}

/** Removes whom the newcomer replaces; returns why it must be refused, or null. */
function supersede(turn: Turn, registration: WorkerRegistration): string | null {
  const { address, server_id, name, nanny } = registration;
  const state = turn.state;
  const old = state.workers.get(address as WorkerAddress);
  if (old !== undefined) {
    // The same process on a new connection has lost none of its executors.
    const expected = server_id !== undefined && old.serverId === server_id;
    removeWorker(turn, old, { expected, reason: "superseded by a new registration" });
    return null;
  }
  const namesake = state.aliases.get(String(name));
  if (namesake === undefined) return null;
  if (nanny === null || namesake.nanny !== nanny) {
    return `the name ${name} is taken by ${namesake.address}: give each worker its own --name`;
  }
  removeWorker(turn, namesake, { expected: false, reason: "restarted by its nanny" });
  return null;
}

function makeWorker(turn: Turn, { registration, link }: Registered): WorkerState {
  const { extra } = registration;
  const said = extra.get("lang");
  const lang = typeof said === "string" ? said : "py";
  return new WorkerState({
    address: registration.address as WorkerAddress,
    host: hostOf(registration.address),
    link,
    name: registration.name,
    serverId: registration.server_id ?? null,
    nanny: registration.nanny,
    lang,
    open: openOf(turn.state, lang),
    acme: acmeOf(registration),
    status: registration.status,
    nthreads: Math.max(1, registration.nthreads),
    memoryLimitBytes: registration.memory_limit,
    resources: new Map(registration.resources),
    details: new Map<string, unknown>([
      ["local_directory", registration.local_directory ?? ""],
      ["services", registration.services ?? {}],
      ["pid", registration.pid ?? 0],
    ]),
    metrics: registration.metrics,
    extra,
    versions: versionsIn(registration.versions),
    nowMs: turn.nowMs,
  });
}

/** Its number of our protocol; 0: it speaks dask's alone. */
function acmeOf({ extra }: WorkerRegistration): number {
  const acme = extra.get("acme");
  return typeof acme === "number" ? acme : 0;
}

/** `tcp://10.0.0.1:8786` → `10.0.0.1`; brackets of IPv6 are dropped. */
function hostOf(address: string): string {
  const start = address.indexOf("://") + 3;
  const colon = address.lastIndexOf(":");
  const host = address.slice(start > 2 ? start : 0, colon > start ? colon : undefined);
  return host.startsWith("[") ? host.slice(1, -1) : host;
}

/** dask's interval: the more workers, the rarer. */
export function heartbeatIntervalS(workers: number): number {
  if (workers <= 10) return 0.5;
  if (workers < 50) return 1;
  return workers < 200 ? 2 : workers / 200 + 1;
}

/** Status, resources or membership changed: cached sets of valid workers are stale. */
export function changed(turn: Turn, worker: WorkerState): void {
  turn.state.workersVersion += 1;
  turn.workersChanged = true;
  loadChanged(worker);
}

/** It will go, and nobody is to blame for it; it gets no more work. */
export function expectLeave(turn: Turn, worker: WorkerState): void {
  worker.leaving = true;
  changed(turn, worker);
}

/** A worker reports another status. */
export function statusChanged(
  turn: Turn,
  worker: WorkerState,
  status: WorkerStatus,
  reason?: string | null,
): void {
  worker.pauseReason = status === "paused" ? (reason ?? null) : null;
  if (worker.status === status) return;
  worker.status = status;
  if (status === "closing_gracefully") {
    changed(turn, worker);
    // One of Python's ends by itself, or is started again by its nanny: not if it were told to close.
    const close = worker.acme > 0;
    beginRetirement(turn, worker, { close, remove: false, drain: false, own: true });
    return;
  }
  if (status !== "running" && status !== "paused" && status !== "init") worker.leaving = true;
  if (status === "running" && turn.state.retiring.has(worker)) abandonRetirement(turn, worker);
  changed(turn, worker);
  if (isRunning(worker) && worker.processing.size === 0) turn.idle.add(worker);
}

export interface Removal {
  /** It was asked to go or said so: no task becomes suspect. */
  expected: boolean;
  reason: string;
}

/** A worker is gone: its tasks run elsewhere, what only it held is computed again. */
export function removeWorker(turn: Turn, worker: WorkerState, removal: Removal): void {
  const state = turn.state;
  if (worker.link < 0) return;
  const expected = removal.expected || worker.leaving;
  stimulate(turn, "remove-worker");
  turn.out.close.push({ link: worker.link, reason: removal.reason });
  state.workerOfLink.delete(worker.link);
  worker.link = -1;
  state.workers.delete(worker.address);
  if (state.aliases.get(String(worker.name)) === worker) state.aliases.delete(String(worker.name));
  state.totalThreads -= worker.nthreads;
  leaveErrands(turn, worker);
  worker.status = "closed";
  changed(turn, worker);
  if (!expected) state.counters.workersLost += 1;
  announceWorker(turn, worker, "remove-worker", { expected });
  log(turn, {
    level: expected ? "info" : "warn",
    event: "worker-removed",
    text: `worker ${worker.address} (${worker.name}) is gone: ${removal.reason}`,
    worker: worker.address,
  });
  endShufflesOf(turn, worker.address);
  for (const task of [...worker.processing]) releaseFrom(turn, task, worker, expected);
  for (const task of [...worker.hasWhat]) dropReplica(turn, task, worker);
  abandonRetirement(turn, worker);
  settle(turn);
  forget(turn, worker);
  tellOthers(turn, worker);
}

function releaseFrom(turn: Turn, task: Task, worker: WorkerState, expected: boolean): void {
  if (expected) recommend(turn, task, "released");
  else workerDied(turn, task, worker);
}

function forget(turn: Turn, worker: WorkerState): void {
  const state = turn.state;
  state.crowded.delete(worker);
  turn.idle.delete(worker);
  turn.freed.delete(worker);
  worker.templates.clear();
  worker.reservedFor = null;
}

function tellOthers(turn: Turn, worker: WorkerState): void {
  const message = {
    op: "remove-worker" as const,
    worker: worker.address,
    stimulus_id: turn.stimulus,
  };
  for (const other of turn.state.workers.values()) toWorker(turn, other, message);
}
