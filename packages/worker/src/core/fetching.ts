// Which peer is asked for what, and what becomes of the answer. Looked at once per step: one
// fetch per peer, bounded connections and bytes, tasks by priority.
import type { TaskKey } from "@acme/protocol";
import { dropComputation } from "./computation.js";
import { type Core, send } from "./context.js";
import type { WorkerEvent } from "./events.js";
import { sendFinished } from "./finish.js";
import { dropIdlePeer, endRests, letRest, removeHolder } from "./holders.js";
import type { Peer } from "./state.js";
import type { Fetch, Task } from "./task.js";
import { comparePriority } from "./task-heap.js";
import { move, release, settle } from "./transition.js";
import { keepValue } from "./values.js";

type Fetched = Extract<WorkerEvent, { type: "fetched" }>;

/** What a value weighs whose size nobody told. */
const unknownBytes = 1_024;
const bytesOf = (task: Task): number => (task.nbytes < 0 ? unknownBytes : task.nbytes);

/** Sends as many fetches as the limits allow. */
export function planFetches(core: Core): void {
  const { state } = core;
  endRests(core);
  if (state.fetchable.size === 0 || state.status !== "running" || state.closing) return;
  while (state.fetches.size < state.limits.incomingConnections) {
    const peer = pickPeer(core);
    if (peer === null || !fetchFrom(core, peer)) return;
  }
}

// The peer that has the most urgent task, among those that are free to be asked.
function pickPeer(core: Core): Peer | null {
  let best: Peer | null = null;
  let bestTask: Task | null = null;
  for (const peer of core.state.fetchable) {
    if (peer.fetchId !== null || peer.busyUntilMs > core.nowMs) continue;
    for (const task of peer.tasks) {
      if (bestTask !== null && comparePriority(task, bestTask) >= 0) continue;
      best = peer;
      bestTask = task;
    }
  }
  return best;
}

function fetchFrom(core: Core, peer: Peer): boolean {
  const { state } = core;
  const tasks: Task[] = [];
  let nbytes = 0;
  const room = incomingRoom(core);
  for (const task of [...peer.tasks].sort(comparePriority)) {
    const more = bytesOf(task);
    if (tasks.length > 0 && nbytes + more > state.limits.fetchBytes) break;
    if (nbytes + more > room && (tasks.length > 0 || state.fetches.size > 0)) break;
    tasks.push(task);
    nbytes += more;
  }
  if (tasks.length === 0) return false;
  const fetch: Fetch = { fetchId: state.nextFetchId++, peer: peer.address, tasks, nbytes };
  peer.fetchId = fetch.fetchId;
  state.fetches.set(fetch.fetchId, fetch);
  state.incomingBytes += nbytes;
  for (const task of tasks) {
    move(core, task, "flight");
    task.fetch = fetch;
  }
  const keys = tasks.map((task) => task.key);
  core.out.fetch.push({ fetchId: fetch.fetchId, peer: peer.address, keys, nbytes });
  return true;
}

function incomingRoom(core: Core): number {
  const limit = core.state.options.memoryLimitBytes;
  if (limit === null) return Number.POSITIVE_INFINITY;
  return limit * core.state.limits.incomingFraction - core.state.incomingBytes;
}

/** A peer answered, said busy, or cannot be reached. */
export function fetchEnded(core: Core, event: Fetched): void {
  const { state } = core;
  const fetch = state.fetches.get(event.fetchId);
  if (fetch === undefined) return;
  state.fetches.delete(fetch.fetchId);
  state.incomingBytes -= fetch.nbytes;
  const peer = state.peers.get(fetch.peer);
  if (peer !== undefined) {
    peer.fetchId = null;
    if (event.outcome === "busy") letRest(core, peer);
  }
  const arrived: Task[] = [];
  for (const task of fetch.tasks) {
    if (task.fetch !== fetch) continue;
    task.fetch = null;
    if (event.outcome !== "busy") noteAbsence(core, task, fetch, event.arrived);
    if (endFlight(core, task, fetch, event.arrived)) arrived.push(task);
  }
  if (event.outcome === "failed" && peer !== undefined) failPeer(core, peer);
  if (peer !== undefined) dropIdlePeer(core, peer);
  if (arrived.length === 0) return;
  state.transfers.incoming += 1;
  const keys = arrived.map((task) => task.wire);
  send(core, { op: "add-keys", keys, stimulus_id: core.stimulusId });
}

function noteAbsence(
  core: Core,
  task: Task,
  fetch: Fetch,
  arrived: ReadonlyMap<TaskKey, number>,
): void {
  if (!arrived.has(task.key)) removeHolder(core, task, fetch.peer);
}

// True if the value is now a replica here that the scheduler has to hear of.
function endFlight(
  core: Core,
  task: Task,
  fetch: Fetch,
  arrived: ReadonlyMap<TaskKey, number>,
): boolean {
  const nbytes = arrived.get(task.key);
  if (task.state === "cancelled") {
    move(core, task, "released");
    dropComputation(core, task);
    settle(core, task);
    return false;
  }
  if (nbytes === undefined) {
    release(core, task);
    return false;
  }
  const computed = task.state === "resumed";
  core.state.transfers.incomingBytes += nbytes;
  keepValue(core, task, { source: "fetch", id: fetch.fetchId, nbytes });
  if (computed) sendFinished(core, task, undefined);
  return !computed;
}

// Whatever else was to come from it comes from others, or is missing.
function failPeer(core: Core, peer: Peer): void {
  for (const task of [...peer.tasks]) {
    removeHolder(core, task, peer.address);
    if (task.whoHas === null) release(core, task);
  }
}
