// One step works on so many keys of client messages and no more, so that a graph of a million
// tasks, or the release of as many, stalls nobody. What is beyond waits here, first in first out
// per client, for the steps that follow at once. What a message does is not known here.
import type { ClientToScheduler } from "@acme/protocol";
import type { ClientState, Pending } from "./client-state.js";
import { coreLimits } from "./limits.js";
import { type Turn, wakeBy } from "./turn.js";

/** How many keys a message makes the core work on. */
function keysOf(message: ClientToScheduler): number {
  switch (message.op) {
    case "update-graph":
      return message.graph === undefined ? 0 : message.graph.keys.length;
    case "client-desires-keys":
    case "client-releases-keys":
    case "cancel-keys":
      return message.keys.length;
    default:
      return 0;
  }
}

const costOf = (pending: Pending): number => {
  if (pending.type === "part") return pending.graph.keys.length;
  if (pending.type === "foreign-part") {
    return (pending.to - pending.from) * coreLimits.foreignTaskKeys;
  }
  return pending.type === "message" ? keysOf(pending.message) : 0;
};

/** Whether this step may handle a message now; if not, it waits. */
export function mayHandle(turn: Turn, client: ClientState, message: ClientToScheduler): boolean {
  const cost = keysOf(message);
  if (client.pending.length === 0 && cost <= turn.keysLeft) {
    turn.keysLeft -= cost;
    return true;
  }
  for (const part of partsOf(message, turn.state.settings.keysPerStep)) {
    wait(turn, client, { type: "message", message: part });
  }
  if (client.pending.length > coreLimits.messagesPending) {
    turn.out.close.push({ link: client.link, reason: "too many messages behind a graph update" });
  }
  return false;
}

/** Puts something behind all that a client has waiting. */
export function wait(turn: Turn, client: ClientState, pending: Pending): void {
  client.pending.push(pending);
  if (client.pending[0]?.type !== "unfolding") turn.state.backlog.add(client);
}

/**
 * Long lists of keys are cut; a graph is cut when its turn has come. The last keys are cancelled
 * first: they wait still, and the first to run keep their places until nothing can take them.
 */
function partsOf(message: ClientToScheduler, most: number): ClientToScheduler[] {
  const isCancel = message.op === "cancel-keys";
  const isList = message.op === "client-desires-keys" || message.op === "client-releases-keys";
  // The full set of desires also says what is not desired.
  if (!(isCancel || isList) || message.keys.length <= most || "all" in message) return [message];
  const parts: ClientToScheduler[] = [];
  for (let start = 0; start < message.keys.length; start += most) {
    parts.push({ ...message, keys: message.keys.slice(start, start + most) });
  }
  return isCancel ? parts.reverse() : parts;
}

/**
 * The next thing of a client that this step may work on, taken out. What alone is more than a step
 * may do is done in one of its own.
 */
export function takePending(turn: Turn, client: ClientState): Pending | null {
  const next = client.pending[0];
  if (next === undefined || next.type === "unfolding") {
    turn.state.backlog.delete(client);
    return null;
  }
  const cost = costOf(next);
  const isFresh = turn.keysLeft === turn.state.settings.keysPerStep;
  if (cost > turn.keysLeft && !isFresh) return null;
  turn.keysLeft -= cost;
  client.pending.shift();
  return next;
}

/** Asks for another step at once while something waits; whoever was served goes to the end. */
export function continueSoon(turn: Turn, served: Iterable<ClientState>): void {
  const { backlog } = turn.state;
  for (const client of served) if (backlog.delete(client)) backlog.add(client);
  if (backlog.size > 0) wakeBy(turn, turn.nowMs);
}
