// Connections come and go while futures stay. A new connection hears everything that the scheduler
// may not know: graphs it did not acknowledge, owed cancels, and the full set of desires.
import { type ClientToScheduler, type TaskKey, type WireKey, wireKey } from "@acme/protocol";
import { clientLimits } from "../limits.js";
import { cancelEach, tell, tellCancelled } from "./desires.js";
import type { Link } from "./events.js";
import { deliverOrGather, giveUp } from "./gather.js";
import type { Turn } from "./step.js";

export function connected(turn: Turn, link: Link): void {
  const { state, out, nowMs } = turn;
  state.link = link;
  state.nextHeartbeatMs = nowMs + state.heartbeatIntervalMs;
  for (const [sequence, graph] of state.unacknowledged) {
    // As it was: a later graph may need what was released since. The full set below drops that.
    out.toScheduler.push({ op: "update-graph", graph, sequence, keys: [] });
  }
  tellCancelled(turn, state.owedCancels, true);
  state.owedCancels = [];
  const released = state.owedReleases.filter((key) => !state.futures.has(key));
  state.owedReleases = [];
  tell(turn, "client-releases-keys", released);
  // Sent even when empty: it replaces whatever the scheduler still holds for this client.
  out.toScheduler.push({ op: "client-desires-keys", keys: allDesires(turn), all: true });
  for (const message of state.owedMessages.splice(0)) out.toScheduler.push(message);
  for (const entry of state.futures.values()) {
    if (entry.wanted && entry.status === "finished") deliverOrGather(turn, entry);
  }
}

/** The program has something to say that is not about what it wants. */
export function said({ state, out }: Turn, message: ClientToScheduler): void {
  if (state.link !== null) out.toScheduler.push(message);
  else if (!state.closed && state.owedMessages.length < clientLimits.owedMessages) {
    state.owedMessages.push(message);
  }
}

function allDesires(turn: Turn): WireKey[] {
  const keys: WireKey[] = [];
  for (const entry of turn.state.futures.values()) {
    if (entry.status !== "cancelled") keys.push(wireKey(entry.key));
  }
  return keys;
}

export function disconnected(turn: Turn, link: Link): void {
  const { state, out } = turn;
  if (state.link !== link) return;
  state.link = null;
  state.nextHeartbeatMs = Number.POSITIVE_INFINITY;
  // What waits for a gather is found again by its `wanted` at the next connection.
  state.gatherAtMs.clear();
  // Messages of this step were meant for the connection that is gone.
  out.toScheduler.length = 0;
}

/** The end: what is not there will not come. */
export function closed(turn: Turn, reason: string): void {
  const { state } = turn;
  if (state.link !== null) disconnected(turn, state.link);
  state.closed = true;
  state.unacknowledged.clear();
  state.owedCancels = [];
  state.owedReleases = [];
  state.owedMessages = [];
  const lost: TaskKey[] = [];
  for (const entry of state.futures.values()) {
    if (entry.status === "pending" || entry.status === "lost") lost.push(entry.key);
    else if (entry.wanted) giveUp(turn, entry, reason);
  }
  cancelEach(turn, lost, "closed", reason);
}

export function heartbeat(turn: Turn): void {
  const { state, nowMs, out } = turn;
  if (state.link === null || nowMs < state.nextHeartbeatMs) return;
  out.toScheduler.push({ op: "heartbeat-client" });
  state.nextHeartbeatMs = nowMs + state.heartbeatIntervalMs;
}
