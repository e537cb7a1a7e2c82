// Who has what we lack: the states `fetch` and `missing`, and each peer's list of what it could
// send us. Which peer is asked, and when, is decided in fetching.ts.
import type { WorkerAddress } from "@acme/protocol";
import { type Core, send } from "./context.js";
import type { Peer } from "./state.js";
import type { Task } from "./task.js";
import { release } from "./transition.js";

/** Adds holders of a key. Hearing that we are one ourselves while we are not is an error. */
export function addHolders(core: Core, task: Task, holders: readonly WorkerAddress[]): void {
  const own = core.state.options.address;
  for (const address of holders) {
    if (address === own) {
      denyReplica(core, task);
      continue;
    }
    task.whoHas ??= new Set();
    task.whoHas.add(address);
    if (task.state === "fetch") listAt(core, address, task);
  }
  if (task.state === "missing" && task.whoHas !== null) release(core, task);
}

/** Replaces the holders of a key by what the scheduler says now. */
export function replaceHolders(core: Core, task: Task, holders: readonly WorkerAddress[]): void {
  const looksForIt = task.state === "fetch" || task.state === "missing";
  if (task.state === "fetch") leaveFetch(core, task);
  task.whoHas = null;
  addHoldersUnlisted(core, task, holders);
  if (task.state === "fetch") enterFetch(core, task);
  const found = task.whoHas !== null;
  if (looksForIt && found !== (task.state === "fetch")) release(core, task);
}

function addHoldersUnlisted(core: Core, task: Task, holders: readonly WorkerAddress[]): void {
  const listed = new Set(holders);
  if (listed.delete(core.state.options.address)) denyReplica(core, task);
  if (listed.size > 0) task.whoHas = listed;
}

function denyReplica(core: Core, task: Task): void {
  if (task.place !== null) return;
  send(core, { op: "release-worker-data", key: task.wire, stimulus_id: core.stimulusId });
}

/** A peer does not have a key after all. Its state is for the caller to decide anew. */
export function removeHolder(core: Core, task: Task, address: WorkerAddress): void {
  if (task.whoHas === null || !task.whoHas.delete(address)) return;
  if (task.whoHas.size === 0) task.whoHas = null;
  if (task.state === "fetch") unlistAt(core, address, task);
}

/** A peer is gone: nothing is expected from it any more. */
export function forgetPeer(core: Core, address: WorkerAddress): void {
  const peer = core.state.peers.get(address);
  if (peer === undefined) return;
  for (const fetch of core.state.fetches.values()) {
    for (const task of fetch.tasks) if (task.fetch === fetch) removeHolder(core, task, address);
  }
  for (const task of [...peer.tasks]) {
    removeHolder(core, task, address);
    if (task.whoHas === null) release(core, task);
  }
  dropIdlePeer(core, peer);
}

export function enterFetch(core: Core, task: Task): void {
  for (const address of task.whoHas ?? []) listAt(core, address, task);
}

export function leaveFetch(core: Core, task: Task): void {
  for (const address of task.whoHas ?? []) unlistAt(core, address, task);
}

export function enterMissing(core: Core, task: Task): void {
  const { state } = core;
  if (state.missing.size === 0) state.refreshAtMs = core.nowMs + state.limits.refreshWhoHasMs;
  state.missing.add(task);
  state.unasked.add(task);
}

export function leaveMissing(core: Core, task: Task): void {
  core.state.missing.delete(task);
  core.state.unasked.delete(task);
}

/** Asks the scheduler who has what is missing: new ones at once, all of them now and then. */
export function refreshMissing(core: Core): void {
  const { state } = core;
  if (state.missing.size === 0 || state.link === null) return;
  const due = core.nowMs >= state.refreshAtMs;
  const asked = due ? state.missing : state.unasked;
  if (asked.size === 0) return;
  const keys = [...asked].map((task) => task.wire);
  send(core, { op: "request-refresh-who-has", keys, stimulus_id: core.stimulusId });
  state.unasked.clear();
  if (due) state.refreshAtMs = core.nowMs + state.limits.refreshWhoHasMs;
}

/** A peer said busy: it is left alone for a while. */
export function letRest(core: Core, peer: Peer): void {
  peer.busyUntilMs = core.nowMs + core.state.limits.busyRetryMs;
  core.state.resting.add(peer);
}

/** Peers that have rested may be asked again. */
export function endRests(core: Core): void {
  for (const peer of core.state.resting) {
    if (peer.busyUntilMs > core.nowMs) continue;
    core.state.resting.delete(peer);
    dropIdlePeer(core, peer);
  }
}

function listAt(core: Core, address: WorkerAddress, task: Task): void {
  const peer = obtainPeer(core, address);
  peer.tasks.add(task);
  core.state.fetchable.add(peer);
}

function unlistAt(core: Core, address: WorkerAddress, task: Task): void {
  const peer = core.state.peers.get(address);
  if (peer === undefined) return;
  peer.tasks.delete(task);
  dropIdlePeer(core, peer);
}

function obtainPeer(core: Core, address: WorkerAddress): Peer {
  let peer = core.state.peers.get(address);
  if (peer === undefined) {
    peer = { address, tasks: new Set(), fetchId: null, busyUntilMs: 0 };
    core.state.peers.set(address, peer);
  }
  return peer;
}

/** Peers are remembered only while they have something for us. */
export function dropIdlePeer(core: Core, peer: Peer): void {
  if (peer.tasks.size > 0) return;
  core.state.fetchable.delete(peer);
  if (peer.fetchId === null && !core.state.resting.has(peer)) {
    core.state.peers.delete(peer.address);
  }
}
