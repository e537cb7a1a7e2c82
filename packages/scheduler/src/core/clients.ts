// Clients come, ask for things and go. A dropped client of ours keeps its keys for a while, since
// it will be back; everybody else's are released at once. Corresponds to dask's add_client,
// remove_client and the client stream handlers.
import {
  acmeProtocol,
  type ClientId,
  type ClientToScheduler,
  taskKey,
  type WireKey,
  wireKey,
} from "@acme/protocol";
import { continueSoon, mayHandle, takePending } from "./backlog.js";
import { ClientState } from "./client-state.js";
import { desire, report, undesire } from "./desires.js";
import type { SchedulerEvent } from "./events.js";
import { extensionMessage, forgetClient } from "./extensions/handle.js";
import { fire } from "./extensions/pseudo-client.js";
import { abandonUnfolding, applyForeignPart } from "./foreign-updates.js";
import { applyPart, receiveGraph } from "./graph.js";
import { coreLimits } from "./limits.js";
import { announce } from "./operations/announce.js";
import { packageWarning } from "./python-versions.js";
import { copyOf, has, sizeOf } from "./relations.js";
import { announceData } from "./scatter.js";
import type { Task } from "./task.js";
import { subscribe, unsubscribe } from "./topics.js";
import { recommend, settle } from "./transitions/engine.js";
import { log, reply, stimulate, type Turn, toClient, toWorker, wakeBy } from "./turn.js";
import { clientWarning, refusal, versionsIn } from "./versions.js";
import type { WorkerState } from "./worker-state.js";
import { heartbeatIntervalS } from "./workers.js";

type Registered = Extract<SchedulerEvent, { type: "client-registered" }>;

export function registerClient(turn: Turn, event: Registered): void {
  const state = turn.state;
  const acme = event.acme ?? 0;
  const versions = versionsIn(event.versions);
  const refused = refusal(state, "client", { acme, versions });
  if (refused !== null) {
    reply(turn, event.requestId, [{ op: "stream-start", error: refused }]);
    turn.out.close.push({ link: event.link, reason: refused });
    return;
  }
  let client = state.clients.get(event.client);
  if (client === undefined) {
    client = new ClientState(event.client);
    state.clients.set(event.client, client);
  } else if (client.link >= 0) {
    state.clientOfLink.delete(client.link);
    turn.out.close.push({ link: client.link, reason: "the client has a newer connection" });
  }
  client.link = event.link;
  client.acme = acme;
  client.dask = versions.dask ?? null;
  client.packages = versions.packages ?? null;
  client.lingerUntilMs = Number.POSITIVE_INFINITY;
  client.backlogBytes = 0;
  state.clientOfLink.set(event.link, client);
  const warning =
    acme > 0 ? clientWarning(state, versions) : packageWarning(state, versions.packages, "Client");
  const start = {
    op: "stream-start",
    ...(acme > 0 ? { acme: acmeProtocol } : {}),
    ...(warning === null ? {} : { warning }),
  };
  reply(turn, event.requestId, [start]);
  const text = `client ${event.client} connected`;
  log(turn, { level: "info", event: "client-registered", text, client: event.client });
  announce(turn, ["all", event.client], "add-client", { client: event.client });
}

/** The connection of a client is gone. */
export function dropClient(turn: Turn, client: ClientState, reason: string): void {
  turn.state.clientOfLink.delete(client.link);
  client.link = -1;
  const lingerMs = turn.state.settings.clientLingerMs;
  if (client.acme === 0 || lingerMs <= 0) {
    removeClient(turn, client, reason);
    return;
  }
  client.lingerUntilMs = turn.nowMs + lingerMs;
  turn.state.nextLingerMs = Math.min(turn.state.nextLingerMs, client.lingerUntilMs);
}

/** A client is gone for good: its keys are released. */
function removeClient(turn: Turn, client: ClientState, reason: string): void {
  const state = turn.state;
  if (client.link >= 0) state.clientOfLink.delete(client.link);
  client.link = -1;
  abandonUnfolding(turn, client);
  client.pending = [];
  state.clients.delete(client.id);
  forgetClient(turn, client.id);
  for (const topic of [...state.topics.subscribers.keys()]) unsubscribe(turn, client, topic);
  const text = `client ${client.id} is gone: ${reason}`;
  log(turn, { level: "info", event: "client-removed", text, client: client.id });
  announce(turn, ["all", client.id], "remove-client", { client: client.id });
  if (client.hold !== null) depart(turn, client.hold);
  client.hold = null;
  depart(turn, client);
}

function depart(turn: Turn, client: ClientState): void {
  client.departed = true;
  turn.state.backlog.add(client);
  releaseSome(turn, client);
}

/** Releases as much of what a departed client wanted as this step may. */
function releaseSome(turn: Turn, client: ClientState): void {
  stimulate(turn, "remove-client");
  for (const task of client.wants) {
    if (turn.keysLeft <= 0) break;
    turn.keysLeft -= 1;
    undesire(turn, client, task);
  }
  settle(turn);
  if (client.wants.size === 0) turn.state.backlog.delete(client);
}

/** Goes on with what had to wait, as far as this step may. */
export function workOffBacklog(turn: Turn): void {
  const served: ClientState[] = [];
  for (const client of [...turn.state.backlog]) {
    if (turn.keysLeft <= 0) break;
    served.push(client);
    if (client.departed) releaseSome(turn, client);
    else advance(turn, client);
  }
  continueSoon(turn, served);
}

function advance(turn: Turn, client: ClientState): void {
  for (let next = takePending(turn, client); next !== null; next = takePending(turn, client)) {
    if (next.type === "message") handle(turn, client, next.message);
    else if (next.type !== "unfolding") {
      const hold =
        next.type === "part" ? applyPart(turn, client, next) : applyForeignPart(turn, client, next);
      if (hold !== null) depart(turn, hold);
    }
    if (client.departed) return;
  }
}

/** Removes dropped clients that did not come back in time. */
export function removeLingering(turn: Turn): void {
  const { state } = turn;
  if (state.nextLingerMs <= turn.nowMs) {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const client of [...state.clients.values()]) {
      if (client.lingerUntilMs <= turn.nowMs) removeClient(turn, client, "it did not come back");
      else nextMs = Math.min(nextMs, client.lingerUntilMs);
    }
    // Those that follow closely are removed together: no look at all clients for each.
    state.nextLingerMs = Math.max(nextMs, turn.nowMs + coreLimits.lingerLookMs);
    if (nextMs === Number.POSITIVE_INFINITY) state.nextLingerMs = nextMs;
  }
  wakeBy(turn, state.nextLingerMs);
}

/** One message of a client, unless it must wait for its turn. */
export function clientMessage(turn: Turn, client: ClientState, message: ClientToScheduler): void {
  if (mayHandle(turn, client, message)) handle(turn, client, message);
}

function handle(turn: Turn, client: ClientState, message: ClientToScheduler): void {
  switch (message.op) {
    case "update-graph":
      receiveGraph(turn, client, message);
      return;
    case "client-desires-keys":
      if (fire(turn, message.client as ClientId, message.keys.map(taskKey))) return;
      if (message.all === true) dropOthers(turn, client, message.keys);
      desireKeys(turn, client, message.keys);
      return;
    case "client-releases-keys":
      releaseKeys(turn, client, message.keys);
      return;
    case "cancel-keys":
      cancelKeys(turn, client, message);
      return;
    case "report-key":
      reportKey(turn, client, message.key);
      return;
    case "update-data":
      announceData(turn, client, message);
      return;
    case "heartbeat-client":
      heartbeatClient(turn, client);
      return;
    case "subscribe-topic":
      subscribe(turn, client, message.topic);
      return;
    case "unsubscribe-topic":
      unsubscribe(turn, client, message.topic);
      return;
    case "close-client":
      closeClient(turn, client);
      return;
    case "close-stream":
      return;
    default:
      extensionMessage(turn, client, message);
  }
}

function closeClient(turn: Turn, client: ClientState): void {
  toClient(turn, client, { op: "stream-closed" });
  if (client.link >= 0) turn.out.close.push({ link: client.link, reason: "the client closed" });
  removeClient(turn, client, "it closed");
}

function heartbeatClient(turn: Turn, client: ClientState): void {
  const interval = heartbeatIntervalS(turn.state.clients.size) * 10;
  toClient(turn, client, { op: "adjust-heartbeat-interval", interval });
}

// A Python client may name keys before they exist and expects silence. Ours would wait for ever.
function desireKeys(turn: Turn, client: ClientState, keys: readonly WireKey[]): void {
  stimulate(turn, "client-desires-keys");
  const unknown: WireKey[] = [];
  for (const wire of keys) {
    const task = turn.state.tasks.get(taskKey(wire));
    if (task === undefined) {
      unknown.push(wire);
      continue;
    }
    desire(client, task);
    if (task.state === "released") recommend(turn, task, "waiting");
    else report(turn, client, task);
  }
  settle(turn);
  if (unknown.length > 0 && client.acme > 0) {
    toClient(turn, client, { op: "cancelled-keys", keys: unknown, reason: "unknown key" });
  }
}

/** What the client released while it had no connection, or too late for the last one. */
function dropOthers(turn: Turn, client: ClientState, keys: readonly WireKey[]): void {
  const named = new Set(keys.map((wire) => taskKey(wire)));
  for (const task of [...client.wants]) if (!named.has(task.key)) undesire(turn, client, task);
}

function reportKey(turn: Turn, client: ClientState, wire: WireKey): void {
  const task = turn.state.tasks.get(taskKey(wire));
  if (task !== undefined) {
    report(turn, client, task);
    return;
  }
  toClient(turn, client, { op: "cancelled-keys", keys: [wire], reason: "unknown key" });
}

function releaseKeys(turn: Turn, client: ClientState, keys: readonly WireKey[]): void {
  stimulate(turn, "client-releases-keys");
  for (const wire of keys) {
    const task = turn.state.tasks.get(taskKey(wire));
    if (task !== undefined) undesire(turn, client, task);
  }
  settle(turn);
}

type CancelKeys = Extract<ClientToScheduler, { op: "cancel-keys" }>;

/**
 * The client no longer wants these keys, nor does anybody with `force`. What nobody wants then
 * goes, with all that depends on it, even while it runs.
 */
function cancelKeys(turn: Turn, client: ClientState, message: CancelKeys): void {
  stimulate(turn, "cancel-keys");
  const force = message.force ?? false;
  announce(turn, [client.id], "cancel", { count: message.keys.length, force });
  const told = new Map<ClientState, WireKey[]>([[client, []]]);
  const running = new Map<Task, WorkerState>();
  const stack: Task[] = [];
  for (const wire of message.keys) {
    const task = turn.state.tasks.get(taskKey(wire));
    if (task !== undefined) stack.push(task);
    else told.get(client)?.push(wire);
  }
  const seen = new Set<Task>();
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    if (seen.has(task)) continue;
    seen.add(task);
    const own = sizeOf(task.whoWants) === 1 && has(task.whoWants, client);
    const dies = force || own || task.whoWants === null;
    if (dies) {
      if (task.flight !== null) running.set(task, task.flight.worker);
      for (const dependent of copyOf(task.dependents)) stack.push(dependent);
    }
    for (const wanter of force ? copyOf(task.whoWants) : [client]) {
      if (!has(task.whoWants, wanter)) continue;
      const keys = told.get(wanter);
      if (keys === undefined) told.set(wanter, [task.wire]);
      else keys.push(task.wire);
    }
  }
  for (const [wanter, keys] of told) releaseAndTell(turn, wanter, keys, message);
  for (const [task, worker] of running) abortUnlessNeeded(turn, task, worker);
}

function releaseAndTell(
  turn: Turn,
  client: ClientState,
  keys: readonly WireKey[],
  { reason, msg }: CancelKeys,
): void {
  if (keys.length === 0) return;
  for (const wire of keys) {
    const task = turn.state.tasks.get(taskKey(wire));
    if (task !== undefined) undesire(turn, client, task);
  }
  settle(turn);
  toClient(turn, client, {
    op: "cancelled-keys",
    keys: [...keys],
    ...(reason === undefined ? {} : { reason }),
    ...(msg === undefined ? {} : { msg }),
  });
}

/** Our workers can stop a running task. One that somebody else still waits for goes on. */
function abortUnlessNeeded(turn: Turn, task: Task, worker: WorkerState): void {
  if (task.flight !== null || worker.acme === 0) return;
  toWorker(turn, worker, {
    op: "cancel-compute",
    key: wireKey(task.key),
    stimulus_id: turn.stimulus,
    abort: true,
  });
}
