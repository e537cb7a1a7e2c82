// Values that did not come inline: fetched when somebody waits for them, many keys per order,
// repeated with growing pauses, given up after a named number of failures.
import { type Serialized, type TaskKey, wireKey } from "@acme/protocol";
import { clientLimits } from "../limits.js";
import type { ClientState, FutureEntry } from "./state.js";
import type { Turn } from "./step.js";

export function wanted(turn: Turn, keys: readonly TaskKey[]): void {
  for (const key of keys) {
    const entry = turn.state.futures.get(key);
    // Errors and cancels were told when they settled.
    if (entry === undefined || entry.status === "error" || entry.status === "cancelled") continue;
    entry.wanted = true;
    if (entry.status === "finished") deliverOrGather(turn, entry);
  }
}

/** For a finished entry that somebody waits for. */
export function deliverOrGather(turn: Turn, entry: FutureEntry): void {
  const { state, nowMs } = turn;
  if (entry.value !== null) {
    deliver(turn, entry, entry.value);
    return;
  }
  if (state.closed) {
    giveUp(turn, entry, "the client is closed");
    return;
  }
  if (entry.gatherId !== 0 || state.link === null || state.gatherAtMs.has(entry.key)) return;
  state.gatherAtMs.set(entry.key, nowMs + pauseMs(entry.failedGathers));
}

/** Nobody waits for it any more; a gather that runs is ignored when it ends. */
export function unwanted(state: ClientState, entry: FutureEntry): void {
  entry.wanted = false;
  entry.gatherId = 0;
  state.gatherAtMs.delete(entry.key);
}

export function gathered(
  turn: Turn,
  gatherId: number,
  values: ReadonlyMap<TaskKey, Serialized>,
): void {
  for (const entry of endGather(turn.state, gatherId)) {
    const value = values.get(entry.key);
    if (value !== undefined) deliver(turn, entry, value);
    else missing(turn, entry);
  }
}

function missing(turn: Turn, entry: FutureEntry): void {
  entry.failedGathers += 1;
  if (entry.failedGathers > clientLimits.failedGathers) {
    giveUp(turn, entry, "its holders did not have it whenever it was asked for");
    return;
  }
  if (entry.status !== "finished") return;
  entry.status = "lost";
  turn.out.settled.push({ key: entry.key, status: "lost" });
  if (turn.state.link !== null) {
    turn.out.toScheduler.push({ op: "report-key", key: wireKey(entry.key) });
  }
}

export function gatherFailed(turn: Turn, gatherId: number, message: string): void {
  for (const entry of endGather(turn.state, gatherId)) {
    // Without a connection it is no fault of the key: asked again once there is one.
    if (turn.state.link !== null) entry.failedGathers += 1;
    if (entry.failedGathers > clientLimits.failedGathers) giveUp(turn, entry, message);
    else if (entry.status === "finished") deliverOrGather(turn, entry);
  }
}

/** Entries that still wait for this order. */
function endGather(state: ClientState, gatherId: number): FutureEntry[] {
  const keys = state.gathers.get(gatherId) ?? [];
  state.gathers.delete(gatherId);
  const waiting: FutureEntry[] = [];
  for (const key of keys) {
    const entry = state.futures.get(key);
    if (entry === undefined || entry.gatherId !== gatherId) continue;
    entry.gatherId = 0;
    waiting.push(entry);
  }
  return waiting;
}

function deliver(turn: Turn, entry: FutureEntry, value: Serialized): void {
  unwanted(turn.state, entry);
  entry.failedGathers = 0;
  turn.out.values.push({ key: entry.key, value });
}

export function giveUp(turn: Turn, entry: FutureEntry, message: string): void {
  unwanted(turn.state, entry);
  entry.failedGathers = 0;
  turn.out.values.push({ key: entry.key, value: null, message });
}

/** Turns what is due into orders; runs once per step. */
export function orderGathers(turn: Turn): void {
  const { state, nowMs, out } = turn;
  if (state.gatherAtMs.size === 0) return;
  let order: TaskKey[] | undefined;
  for (const [key, atMs] of state.gatherAtMs) {
    if (atMs > nowMs) continue;
    state.gatherAtMs.delete(key);
    const entry = state.futures.get(key);
    if (entry === undefined || entry.status !== "finished") continue;
    if (order === undefined || order.length >= clientLimits.gatherKeys) {
      state.lastGatherId += 1;
      order = [];
      state.gathers.set(state.lastGatherId, order);
      out.gather.push({ gatherId: state.lastGatherId, keys: order });
    }
    order.push(key);
    entry.gatherId = state.lastGatherId;
  }
}

function pauseMs(failures: number): number {
  if (failures === 0) return 0;
  const { gatherBackoffMs, gatherBackoffMaxMs } = clientLimits;
  return Math.min(gatherBackoffMs * 2 ** (failures - 1), gatherBackoffMaxMs);
}
