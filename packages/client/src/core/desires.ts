// What the program asks for: graphs, desires, releases, cancels. Desires are counted here, so the
// scheduler hears only of the first and the last one of a key.
import { assert, type NativeGraph, type TaskKey, wireKey } from "@acme/protocol";
import { clientLimits } from "../limits.js";
import { unwanted } from "./gather.js";
import { type FutureEntry, newEntry } from "./state.js";
import type { Turn } from "./step.js";

export function submitted(turn: Turn, graph: NativeGraph, keys: readonly TaskKey[]): void {
  const { state, out } = turn;
  state.lastSequence += 1;
  const sequence = state.lastSequence;
  for (const key of keys) {
    let entry = state.futures.get(key);
    if (entry === undefined) {
      entry = newEntry(key, sequence);
      state.futures.set(key, entry);
    } else if (entry.status === "cancelled") {
      revive(entry, sequence);
    } else {
      // What happened to the key before, a restart too, may be undone by this graph.
      entry.sequence = sequence;
    }
    entry.desires += 1;
  }
  if (state.closed) {
    cancelEach(turn, keys, "closed", "the client is closed");
    return;
  }
  state.unacknowledged.set(sequence, graph);
  if (state.link !== null) {
    out.toScheduler.push({ op: "update-graph", graph, sequence, keys: [] });
  }
}

/** A cancelled key that is submitted again is a new future; what was reported of the old is void. */
function revive(entry: FutureEntry, sequence: number): void {
  entry.status = "pending";
  entry.sequence = sequence;
  entry.value = null;
  entry.failedGathers = 0;
}

export function desired(turn: Turn, keys: readonly TaskKey[]): void {
  const fresh: TaskKey[] = [];
  for (const key of keys) {
    let entry = turn.state.futures.get(key);
    if (entry === undefined) {
      entry = newEntry(key, -1);
      turn.state.futures.set(key, entry);
      fresh.push(key);
    }
    entry.desires += 1;
  }
  if (turn.state.closed) {
    cancelEach(turn, fresh, "closed", "the client is closed");
    return;
  }
  tell(turn, "client-desires-keys", fresh);
}

export function released(turn: Turn, keys: readonly TaskKey[]): void {
  const gone: TaskKey[] = [];
  for (const key of keys) {
    const entry = turn.state.futures.get(key);
    assert(entry !== undefined, `released a key that nobody desires: ${key}`);
    entry.desires -= 1;
    if (entry.desires > 0) continue;
    turn.state.futures.delete(key);
    turn.state.gatherAtMs.delete(key);
    // The scheduler has dropped our desire for a cancelled key already.
    if (entry.status !== "cancelled") gone.push(key);
  }
  const { link, closed, owedReleases } = turn.state;
  if (link === null && !closed) for (const key of gone) owedReleases.push(key);
  tell(turn, "client-releases-keys", gone);
}

export function cancelled(turn: Turn, keys: readonly TaskKey[], force: boolean): void {
  const { state } = turn;
  const known = keys.filter((key) => {
    const entry = state.futures.get(key);
    return entry !== undefined && entry.status !== "cancelled";
  });
  if (known.length === 0) return;
  cancelEach(turn, known, "cancelled", "cancelled by this client");
  if (state.link !== null) {
    tellCancelled(turn, known, force);
  } else if (force && !state.closed) {
    // Without force the missing desire says it all after the next connection.
    state.owedCancels.push(...known);
  }
}

/** Settles keys as cancelled, whatever they were. */
export function cancelEach(
  turn: Turn,
  keys: Iterable<TaskKey>,
  reason: string,
  message: string,
): void {
  for (const key of keys) {
    const entry = turn.state.futures.get(key);
    if (entry === undefined || entry.status === "cancelled") continue;
    entry.status = "cancelled";
    entry.value = null;
    entry.failure = null;
    unwanted(turn.state, entry);
    turn.out.settled.push({ key, status: "cancelled", reason, message });
  }
}

/** Sends cancels; the last keys go first, or those before them would make way for them to run. */
export function tellCancelled(turn: Turn, keys: readonly TaskKey[], force: boolean): void {
  const most = clientLimits.keysPerMessage;
  for (let end = keys.length; end > 0; end -= most) {
    const part = keys.slice(Math.max(0, end - most), end).map(wireKey);
    turn.out.toScheduler.push({ op: "cancel-keys", keys: part, force });
  }
}

/** Sends keys, together with what was said just before if that was the same and is not long. */
export function tell(
  turn: Turn,
  op: "client-desires-keys" | "client-releases-keys",
  keys: readonly TaskKey[],
): void {
  if (keys.length === 0 || turn.state.link === null) return;
  const { toScheduler } = turn.out;
  const before = toScheduler.at(-1);
  let last = before?.op === op ? before.keys : null;
  for (const key of keys) {
    if (last === null || last.length >= clientLimits.keysPerMessage) {
      last = [];
      toScheduler.push({ op, keys: last });
    }
    last.push(wireKey(key));
  }
}
