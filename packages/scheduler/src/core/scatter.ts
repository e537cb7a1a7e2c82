// Data that no task made: scattered through the scheduler, or announced by a client that put it on
// workers itself. The core picks the workers; the bytes stay in the shell.
import { ownKey, type TaskKey, taskKey, type WireKey, wireKey } from "@acme/protocol";
import { isRunning } from "./buckets.js";
import type { ClientState } from "./client-state.js";
import { createTask, GroupFinder, internConstraint } from "./create-task.js";
import { desire, report } from "./desires.js";
import type { SchedulerEvent } from "./events.js";
import { changeState } from "./groups.js";
import { coreLimits } from "./limits.js";
import { announce } from "./operations/announce.js";
import type { ParkedScatter } from "./parked.js";
import { each, has } from "./relations.js";
import { addReplica, setBytes } from "./replicas.js";
import { freeArrivals, noteArrival } from "./scatter-arrivals.js";
import type { SchedulerState } from "./state.js";
import type { Task } from "./task.js";
import { touch } from "./transitions/engine.js";
import { freeKey, refuse, reply, stimulate, type Turn } from "./turn.js";
import { named } from "./view.js";
import type { WorkerState } from "./worker-state.js";

type Requested = Extract<SchedulerEvent, { type: "scatter-requested" }>;
type Transferred = Extract<SchedulerEvent, { type: "transferred" }>;

const { scatterTimeoutMs, timeoutMaxMs, parkedRequests } = coreLimits;

export function scatter(turn: Turn, event: Requested): void {
  if (turn.state.parked.size >= parkedRequests) {
    refuse(turn, event.requestId, "too many requests are waiting already; try again later");
    return;
  }
  const parked: ParkedScatter = {
    kind: "scatter",
    requestId: event.requestId,
    deadlineMs: turn.nowMs + Math.min(event.timeoutMs ?? scatterTimeoutMs, timeoutMaxMs),
    client: event.client,
    sizes: event.sizes,
    workers: event.workers ?? null,
    broadcast: event.broadcast ?? false,
    transfers: new Map(),
    arrived: new Map(),
    failed: [],
  };
  turn.state.parked.set(event.requestId, parked);
  beginScatter(turn, parked);
}

/** Sends the values off; without an eligible worker it is tried again when one comes. */
export function beginScatter(turn: Turn, parked: ParkedScatter): void {
  if (parked.transfers.size > 0) return;
  const workers = eligible(turn.state, parked);
  if (workers.length === 0) return;
  const copies = copiesOf(parked.broadcast, workers.length);
  const missing = [...parked.sizes.keys()].filter((key) => !parked.arrived.has(key));
  const perWorker = new Map<WorkerState, TaskKey[]>();
  for (const key of missing) {
    for (let copy = 0; copy < copies; copy++) {
      const worker = workers[(turn.state.scatterNext + copy) % workers.length] as WorkerState;
      const keys = perWorker.get(worker);
      if (keys === undefined) perWorker.set(worker, [key]);
      else keys.push(key);
    }
    turn.state.scatterNext += copies;
  }
  for (const [worker, keys] of perWorker) transfer(turn, parked, worker, keys);
  if (parked.transfers.size === 0) finish(turn, parked);
}

function copiesOf(broadcast: boolean | number, workers: number): number {
  if (broadcast === true) return workers;
  return Math.max(1, Math.min(workers, broadcast === false ? 1 : broadcast));
}

// Values of our clients only our workers can read, pickles only Python's.
function eligible(state: SchedulerState, parked: ParkedScatter): WorkerState[] {
  const isOurs = (state.clients.get(parked.client)?.acme ?? 0) > 0;
  const from = parked.workers === null ? [...state.workers.values()] : named(state, parked.workers);
  return from.filter(
    (worker) =>
      isRunning(worker) && worker.acme > 0 === isOurs && !parked.failed.includes(worker.address),
  );
}

function transfer(turn: Turn, parked: ParkedScatter, to: WorkerState, keys: TaskKey[]): void {
  turn.state.nextTransfer += 1;
  const transferId = turn.state.nextTransfer;
  const { requestId } = parked;
  parked.transfers.set(transferId, { worker: to.address, keys });
  turn.state.transfers.set(transferId, requestId);
  turn.out.transfers.push({ transferId, worker: to.address, keys, requestId });
}

export function transferred(turn: Turn, event: Transferred): void {
  const state = turn.state;
  const requestId = state.transfers.get(event.transferId);
  state.transfers.delete(event.transferId);
  const parked = requestId === undefined ? undefined : state.parked.get(requestId);
  if (parked === undefined || parked.kind !== "scatter") return;
  const sent = parked.transfers.get(event.transferId);
  parked.transfers.delete(event.transferId);
  if (sent === undefined) return;
  if (event.ok) for (const key of sent.keys) noteArrival(parked, key, sent.worker);
  else parked.failed.push(sent.worker);
  if (parked.transfers.size > 0) return;
  if (parked.arrived.size < parked.sizes.size) beginScatter(turn, parked);
  else finish(turn, parked);
}

function finish(turn: Turn, parked: ParkedScatter): void {
  const state = turn.state;
  state.parked.delete(parked.requestId);
  stimulate(turn, "scatter");
  const client = state.clients.get(parked.client);
  if (client === undefined) {
    abandon(turn, parked);
    return;
  }
  if (parked.sizes.size === 0 && client.acme === 0) {
    refuse(turn, parked.requestId, nothingToUnpack, "ValueError");
    return;
  }
  for (const [key, bytes] of parked.sizes) {
    const alive = (parked.arrived.get(key) ?? []).flatMap((one) => state.workers.get(one) ?? []);
    if (alive.length === 0) {
      freeArrivals(turn, parked);
      refuse(turn, parked.requestId, lost(key));
      return;
    }
    keepData(turn, client, key, { holders: alive, bytes });
    state.counters.bytesScattered += bytes;
  }
  const count = parked.sizes.size;
  announce(turn, ["all", client.id], "scatter", { client: client.id, count });
  reply(turn, parked.requestId, [...parked.sizes.keys()].map(wireKey));
}

// What Python says of it on dask's scheduler: a program that is right there is right here.
const nothingToUnpack = "not enough values to unpack (expected 2, got 0)";

const lost = (key: TaskKey): string =>
  `scattered data ${String(wireKey(key))} was lost with its worker: scatter it again`;

/** Nobody is left who wants the data: the workers drop it. */
function abandon(turn: Turn, parked: ParkedScatter): void {
  for (const [key, addresses] of parked.arrived) {
    for (const address of addresses) {
      const worker = turn.state.workers.get(address);
      const isKept = worker !== undefined && has(turn.state.tasks.get(key)?.whoHas ?? null, worker);
      if (worker !== undefined && !isKept) freeKey(turn, worker, key);
    }
  }
  refuse(turn, parked.requestId, `client ${parked.client} is gone: nobody wants the data`);
}

interface Placement {
  holders: readonly WorkerState[];
  bytes: number;
}

function keepData(turn: Turn, client: ClientState | null, key: TaskKey, at: Placement): void {
  const state = turn.state;
  const known = state.tasks.get(key);
  if (known !== undefined && known.state !== "memory") {
    // A task of that name is being computed: its own result is the one that counts.
    for (const worker of at.holders) freeKey(turn, worker, key);
    if (client !== null) desire(client, known);
    return;
  }
  const task = known ?? bornInMemory(turn, key);
  setBytes(task, at.bytes);
  for (const worker of at.holders) addReplica(turn, task, worker);
  if (client === null) return;
  desire(client, task);
  for (const one of each(task.whoWants)) report(turn, one, task);
}

function bornInMemory(turn: Turn, key: TaskKey): Task {
  const state = turn.state;
  const own = ownKey(key);
  const group = new GroupFinder(state).groupOf(own);
  const task = createTask(state, own, group, internConstraint(state, {}));
  task.order = state.nextOrder;
  state.nextOrder += 1;
  changeState(state, task, "memory");
  touch(turn, task);
  return task;
}

interface Announcement {
  who_has: ReadonlyMap<WireKey, readonly string[]>;
  nbytes: ReadonlyMap<WireKey, number>;
}

/** dask's update_data: the data lies on workers already. What nobody holds is ignored. */
export function announceData(turn: Turn, client: ClientState | null, data: Announcement): void {
  stimulate(turn, "update-data");
  const sizes = new Map<TaskKey, number>();
  for (const [wire, bytes] of data.nbytes) sizes.set(taskKey(wire), bytes);
  for (const [wire, addresses] of data.who_has) {
    const key = taskKey(wire);
    const holders = addresses.flatMap((one) => turn.state.workers.get(one as never) ?? []);
    if (holders.length > 0) keepData(turn, client, key, { holders, bytes: sizes.get(key) ?? -1 });
  }
}
