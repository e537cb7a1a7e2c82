// What workers say on their stream. Each handler checks that the message is about the attempt that
// is going on; whatever is late is answered so that the worker forgets it.
import { assertNever, taskKey, type WireKey, type WorkerToScheduler } from "@acme/protocol";
import { learn } from "./durations.js";
import { secede } from "./flight.js";
import { recordRun } from "./operations/task-stream.js";
import { each, has } from "./relations.js";
import { addReplica, livesOn, removeReplica } from "./replicas.js";
import { isScattering } from "./scatter-arrivals.js";
import { answerSteal } from "./steal.js";
import { executorDied } from "./suspicion.js";
import { flag, rareOf, type Task } from "./task.js";
import { logEvent } from "./topics.js";
import { recommend, settle, transition } from "./transitions/engine.js";
import { edge } from "./transitions/table.js";
import { toMemory } from "./transitions/to-memory.js";
import { freeKey, type Turn, toWorker } from "./turn.js";
import type { WorkerState } from "./worker-state.js";
import { expectLeave, statusChanged } from "./workers.js";

type Message<Op extends WorkerToScheduler["op"]> = Extract<WorkerToScheduler, { op: Op }>;

export function workerMessage(turn: Turn, worker: WorkerState, message: WorkerToScheduler): void {
  if ("stimulus_id" in message) turn.stimulus = message.stimulus_id as typeof turn.stimulus;
  switch (message.op) {
    case "task-finished":
      taskFinished(turn, worker, message);
      return;
    case "task-erred":
      taskErred(turn, worker, message);
      return;
    case "release-worker-data":
      releaseWorkerData(turn, worker, message.key);
      for (const key of message.keys ?? []) releaseWorkerData(turn, worker, key);
      return;
    case "add-keys":
      addKeys(turn, worker, message.keys);
      return;
    case "long-running":
      longRunning(turn, worker, message);
      return;
    case "reschedule":
      reschedule(turn, worker, message.key);
      return;
    case "request-refresh-who-has":
      refreshWhoHas(turn, worker, message.keys);
      return;
    case "steal-response":
      answerSteal(turn, worker, message);
      return;
    case "worker-status-change":
      statusChanged(turn, worker, message.status, message.reason);
      return;
    case "log-event":
      logEvent(turn, message.topic, signed(message, worker));
      return;
    case "keep-alive":
      return;
    case "close-stream":
      expectLeave(turn, worker);
      return;
    default:
      assertNever(message);
  }
}

/** dask's dictionaries say which worker they come from. */
function signed({ topic, msg }: Message<"log-event">, worker: WorkerState): unknown {
  if (!(msg instanceof Map) || topic === worker.address) return msg;
  return new Map<unknown, unknown>([...msg, ["worker", worker.address]]);
}

function taskFinished(turn: Turn, worker: WorkerState, message: Message<"task-finished">): void {
  const key = taskKey(message.key);
  const task = turn.state.tasks.get(key);
  if (task === undefined) {
    freeKey(turn, worker, key);
    return;
  }
  const mine = task.flight !== null && task.flight.worker === worker;
  if (task.state === "memory" && task.runId === message.run_id) {
    addReplica(turn, task, worker);
    return;
  }
  if (task.state === "processing" && mine && task.runId === message.run_id) {
    if (turn.state.taskStream !== null) recordRun(turn.state.taskStream, worker.address, message);
    toMemory(turn, task, worker, message);
  } else if (task.state === "processing" && mine) {
    recommend(turn, task, "released");
  } else {
    if (task.state === "waiting") finishedTooLate(turn, task);
    freeKey(turn, worker, key);
  }
  if (turn.recommended.length > 0) settle(turn);
}

// waiting → memory: its data was thought lost and it was sent back to wait, but the free-keys that
// will drop this result is on its way already. The edge exists so that nothing happens.
function finishedTooLate(turn: Turn, task: Task): void {
  const { edges } = turn.state.counters;
  const number = edge(task.state, "memory");
  edges[number] = (edges[number] as number) + 1;
}

function taskErred(turn: Turn, worker: WorkerState, message: Message<"task-erred">): void {
  const task = turn.state.tasks.get(taskKey(message.key));
  if (task === undefined || task.state !== "processing") return;
  if (task.flight?.worker !== worker) return;
  if (task.runId !== message.run_id) recommend(turn, task, "released");
  else if (message.died === true) {
    executorDied(turn, task, worker, { death: message.death, words: message.exception_text });
  } else raised(turn, worker, task, message);
  settle(turn);
}

function raised(turn: Turn, worker: WorkerState, task: Task, message: Message<"task-erred">): void {
  task.flags &= ~flag.suspect;
  if (task.retries > 0) {
    task.retries -= 1;
    turn.state.counters.retried += 1;
    transition(turn, task, "waiting");
    return;
  }
  if (turn.state.taskStream !== null) recordRun(turn.state.taskStream, worker.address, message);
  const rare = rareOf(task);
  rare.blame = task;
  rare.exception = message.exception;
  rare.traceback = message.traceback;
  rare.exceptionText = message.exception_text;
  rare.tracebackText = message.traceback_text;
  rare.erredOn = [...(rare.erredOn ?? []), worker.address];
  transition(turn, task, "erred");
}

function releaseWorkerData(turn: Turn, worker: WorkerState, wire: WireKey): void {
  const task = turn.state.tasks.get(taskKey(wire));
  if (task === undefined || !has(task.whoHas, worker)) return;
  dropReplica(turn, task, worker);
  settle(turn);
}

/** A replica is gone; without the last one the task is released, pure data forgotten. */
export function dropReplica(turn: Turn, task: Task, worker: WorkerState): void {
  const isLostActor = livesOn(turn.state, task, worker);
  removeReplica(turn, task, worker);
  if (task.state !== "memory" || (task.whoHas !== null && !isLostActor)) return;
  recommend(turn, task, task.spec === null ? "forgotten" : "released");
}

/** The worker holds copies that it fetched. Copies of what is not in memory are dropped. */
export function addKeys(turn: Turn, worker: WorkerState, keys: readonly WireKey[]): void {
  for (const wire of keys) {
    const key = taskKey(wire);
    const task = turn.state.tasks.get(key);
    if (task !== undefined && task.state === "memory") addReplica(turn, task, worker);
    else if (task === undefined && isScattering(turn.state, key, worker.address)) continue;
    else if (task === undefined || task.flight?.worker !== worker) freeKey(turn, worker, key);
  }
}

function longRunning(turn: Turn, worker: WorkerState, message: Message<"long-running">): void {
  const task = turn.state.tasks.get(taskKey(message.key));
  if (task === undefined || task.flight?.worker !== worker) return;
  if (task.runId !== message.run_id) return;
  if (message.compute_duration !== null) learn(task, message.compute_duration);
  secede(turn, task);
}

/** The worker gave the task back unstarted. */
function reschedule(turn: Turn, worker: WorkerState, wire: WireKey): void {
  const task = turn.state.tasks.get(taskKey(wire));
  if (task === undefined || task.flight?.worker !== worker) return;
  recommend(turn, task, "released");
  settle(turn);
}

function refreshWhoHas(turn: Turn, worker: WorkerState, keys: readonly WireKey[]): void {
  const whoHas = new Map<WireKey, string[]>();
  for (const wire of keys) {
    const task = turn.state.tasks.get(taskKey(wire));
    if (task === undefined) freeKey(turn, worker, taskKey(wire));
    else
      whoHas.set(
        wire,
        Array.from(each(task.whoHas), (one) => one.address),
      );
  }
  if (whoHas.size === 0) return;
  toWorker(turn, worker, {
    op: "refresh-who-has",
    who_has: whoHas,
    stimulus_id: turn.stimulus,
  });
}
