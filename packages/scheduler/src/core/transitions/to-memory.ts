// processing → memory: the value exists on a worker. Dependents become ready, dependencies that
// nobody else needs are released, and the clients that want the key are told.
import type { SchedulerToClient, Serialized, WorkerToScheduler } from "@acme/protocol";
import type { ClientState } from "../client-state.js";
import { measure } from "../durations.js";
import { collect } from "../extensions/collectors.js";
import { forgetFired } from "../extensions/pseudo-client.js";
import { land } from "../flight.js";
import { coreLimits } from "../limits.js";
import { prefer } from "../open-workers.js";
import { each } from "../relations.js";
import { addReplica, setBytes } from "../replicas.js";
import { flag, isSet, rareOf, type Task } from "../task.js";
import { type Turn, toClient } from "../turn.js";
import type { WorkerState } from "../worker-state.js";
import { isNeeded, stopWaiting } from "./active.js";
import { enter, listReady, recommendRelease } from "./engine.js";

type TaskFinished = Extract<WorkerToScheduler, { op: "task-finished" }>;
type KeyInMemory = Extract<SchedulerToClient, { op: "key-in-memory" }>;

/** A worker finished the task it was given. */
export function toMemory(turn: Turn, task: Task, worker: WorkerState, message: TaskFinished): void {
  measure(task, message.startstops);
  land(turn, task);
  prefer(worker);
  if (isWorthKeeping(message.metadata)) rareOf(task).metadata = message.metadata;
  task.flags &= ~flag.suspect;
  turn.state.counters.finished += 1;
  enter(turn, task, "memory");
  setBytes(task, message.nbytes);
  addReplica(turn, task, worker);
  if (isSet(task, flag.actor)) turn.state.actors.set(task, worker);
  stopWaiting(turn, task);
  wakeDependents(turn, task);
  collect(turn.state.extensions, task);
  if (!isNeeded(task)) {
    recommendRelease(turn, task);
    return;
  }
  if (task.whoWants !== null) reportInMemory(turn, task, message.type, message.result);
  forgetFired(turn, task);
}

/** Workers send an empty map with every task; kept, it would be half of what a task takes. */
const isWorthKeeping = (metadata: unknown): boolean =>
  metadata !== undefined && !(metadata instanceof Map && metadata.size === 0);

/** Dependents that waited for this one only are ready. */
function wakeDependents(turn: Turn, task: Task): void {
  if (task.waiters === 0) return;
  for (const dependent of each(task.dependents)) {
    if (dependent.state !== "waiting") continue;
    dependent.waitingOn -= 1;
    if (dependent.waitingOn === 0) listReady(turn, dependent);
  }
}

/** A small value goes along to our own clients that read fast enough. */
function reportInMemory(
  turn: Turn,
  task: Task,
  type: TaskFinished["type"],
  result: Serialized | undefined,
): void {
  const plain: KeyInMemory = { op: "key-in-memory", key: task.wire };
  if (type !== null) plain.type = type;
  let full: KeyInMemory | null = null;
  for (const client of each(task.whoWants)) {
    if (result !== undefined && takesInline(turn, client, result.nbytes)) {
      full ??= { ...plain, result };
      toClient(turn, client, full);
    } else {
      toClient(turn, client, plain);
    }
  }
}

function takesInline(turn: Turn, client: ClientState, bytes: number): boolean {
  if (client.acme === 0 || client.link < 0) return false;
  const given = turn.inlined.get(client) ?? 0;
  if (client.backlogBytes + given > coreLimits.inlineBacklogBytes) return false;
  turn.inlined.set(client, given + bytes);
  turn.state.counters.inlineForwarded += 1;
  return true;
}
