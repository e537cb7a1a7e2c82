// Keys are kept alive by whoever wants them: here variables, queues, datasets and fire-and-forget
// do so in place of a client, as clients without a connection. Such a client is there as long as it
// wants something. Corresponds to dask's `variable-<name>` and its like.
import { type ClientId, clientId, type TaskKey } from "@acme/protocol";
import { ClientState } from "../client-state.js";
import { desire, report, undesire } from "../desires.js";
import type { SchedulerState } from "../state.js";
import type { Task } from "../task.js";
import { recommend, settle } from "../transitions/engine.js";
import { stimulate, type Turn } from "../turn.js";

const fireAndForget = clientId("fire-and-forget");

/** Wants a key for somebody who has no connection. */
export function keepFor(turn: Turn, name: string, task: Task): void {
  const id = clientId(name);
  let client = turn.state.clients.get(id);
  if (client === undefined) {
    client = new ClientState(id);
    turn.state.clients.set(id, client);
  }
  want(turn, client, task);
}

export function releaseFor(turn: Turn, name: string, keys: Iterable<TaskKey>): void {
  const client = turn.state.clients.get(clientId(name));
  if (client === undefined) return;
  stimulate(turn, "client-releases-keys");
  for (const key of keys) {
    const task = turn.state.tasks.get(key);
    if (task !== undefined) undesire(turn, client, task);
  }
  settle(turn);
  dropIfIdle(turn.state, client);
}

/** It stands for a thing: it neither has a connection nor waits for one. */
export const isPseudo = ({ link, lingerUntilMs }: ClientState): boolean =>
  link < 0 && lingerUntilMs === Number.POSITIVE_INFINITY;

function dropIfIdle(state: SchedulerState, client: ClientState): void {
  if (isPseudo(client) && client.wants.size === 0) state.clients.delete(client.id);
}

function want(turn: Turn, client: ClientState, task: Task): void {
  stimulate(turn, "client-desires-keys");
  desire(client, task);
  if (task.state === "released") recommend(turn, task, "waiting");
  settle(turn);
}

/** A client takes over a key that was kept for it, and is told how it stands. */
export function handOver(turn: Turn, client: ClientState, key: TaskKey): void {
  const task = turn.state.tasks.get(key);
  if (task === undefined) return;
  want(turn, client, task);
  report(turn, client, task);
}

/** Has tasks run once although nobody will ask for their results. */
export function fire(turn: Turn, client: ClientId, keys: Iterable<TaskKey>): boolean {
  if (client !== fireAndForget) return false;
  for (const key of keys) {
    const task = turn.state.tasks.get(key);
    const isOver = task === undefined || task.state === "memory" || task.state === "erred";
    if (!isOver) keepFor(turn, fireAndForget, task);
  }
  return true;
}

/** A task has run: whoever only wanted that wants it no more. */
export function forgetFired(turn: Turn, task: Task): void {
  const client = turn.state.clients.get(fireAndForget);
  if (client === undefined || !client.wants.has(task)) return;
  undesire(turn, client, task);
  dropIfIdle(turn.state, client);
}
