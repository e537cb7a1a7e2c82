// Which client wants which key, and what a client is told about one.
// Must not know why: graphs, releases and lost clients all end here. Corresponds to
// client_desires_keys and client_releases_keys of dask's scheduler.py.

import type { ClientState } from "./client-state.js";
import { added, removed, sizeOf } from "./relations.js";
import type { Task } from "./task.js";
import { recommend, recommendRelease } from "./transitions/engine.js";
import { erredMessage } from "./transitions/to-erred.js";
import { type Turn, toClient } from "./turn.js";

export function desire(client: ClientState, task: Task): void {
  task.whoWants = added(task.whoWants, client);
  client.wants.add(task);
}

/** A client no longer wants a key. */
export function undesire(turn: Turn, client: ClientState, task: Task): void {
  if (!client.wants.delete(task)) return;
  task.whoWants = removed(task.whoWants, client);
  if (task.whoWants !== null) return;
  if (sizeOf(task.dependents) === 0) recommend(turn, task, "forgotten");
  else if (task.waiters === 0) recommendRelease(turn, task);
}

/** Tells a client how a key stands, if there is something to tell. */
export function report(turn: Turn, client: ClientState, task: Task): void {
  if (task.state === "memory") toClient(turn, client, { op: "key-in-memory", key: task.wire });
  else if (task.state === "erred") toClient(turn, client, erredMessage(task, client));
}
