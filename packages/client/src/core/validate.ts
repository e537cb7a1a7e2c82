// Checks what must hold between the parts of a client's state, both ways. Tests run it after every
// step; it is no part of the work.
import { assert, type TaskKey } from "@acme/protocol";
import type { ClientState, FutureEntry } from "./state.js";

/** @throws ProgramError naming the first promise that is broken */
export function validate(state: ClientState): void {
  const inGather = new Map<TaskKey, Set<number>>();
  for (const [gatherId, keys] of state.gathers) {
    assert(keys.length > 0, `gather ${gatherId} has no keys`);
    assert(gatherId <= state.lastGatherId, `gather ${gatherId} was never numbered`);
    for (const key of keys) {
      const ids = inGather.get(key) ?? new Set();
      inGather.set(key, ids.add(gatherId));
    }
  }
  for (const [key, entry] of state.futures) {
    assert(entry.key === key, `entry of ${key} is stored under another key`);
    validateEntry(state, entry);
    assert(
      entry.gatherId === 0 || inGather.get(key)?.has(entry.gatherId) === true,
      `${key} waits for gather ${entry.gatherId}, which does not know it`,
    );
  }
  for (const key of state.gatherAtMs.keys()) {
    const entry = state.futures.get(key);
    assert(entry?.wanted === true, `${key} is to be gathered but nobody wants it`);
    assert(entry.gatherId === 0, `${key} is to be gathered and being gathered`);
  }
  validateGraphs(state);
}

function validateEntry(state: ClientState, entry: FutureEntry): void {
  const { key, status } = entry;
  assert(entry.desires > 0, `${key} stays without a desire`);
  assert(entry.sequence <= state.lastSequence, `${key} is of a graph that was never sent`);
  assert((status === "error") === (entry.failure !== null), `${key}: ${status} and failure differ`);
  assert(entry.value === null || status === "finished", `${key} is ${status} but has a value`);
  if (status === "cancelled" || status === "error") {
    assert(!entry.wanted && entry.gatherId === 0, `${key} is ${status} but still awaited`);
  }
  if (!entry.wanted) assert(entry.gatherId === 0, `${key} is gathered but nobody wants it`);
  if (entry.wanted && status === "finished") {
    const underway = entry.gatherId !== 0 || state.gatherAtMs.has(key) || state.link === null;
    assert(underway && entry.value === null, `${key} is awaited but nothing brings it`);
  }
}

function validateGraphs(state: ClientState): void {
  let before = -1;
  for (const sequence of state.unacknowledged.keys()) {
    assert(sequence > before, "unacknowledged graphs are out of order");
    before = sequence;
  }
  assert(before <= state.lastSequence, "an unacknowledged graph was never numbered");
  assert(state.receivedSequence <= state.lastSequence, "a graph was acknowledged but never sent");
  assert(!state.closed || state.link === null, "closed with a connection");
}
