// Errors that the scheduler itself finds, as payloads. Their fields lie in the header, so that no
// value codec is needed to make or to read one; a room that knows pickle may translate them for
// Python clients.
import { type Death, plainErrorOf, type Serialized } from "@acme/protocol";
import type { Rare, Task } from "./task.js";
import type { WorkerState } from "./worker-state.js";

export type SchedulerErrorCode =
  | "KILLED_WORKER"
  | "NO_VALID_WORKER"
  | "ACTOR_LOST"
  | "JS_ERROR"
  | "BAD_GRAPH"
  | "CYCLIC_GRAPH";

function schedulerError(code: SchedulerErrorCode, message: string, fields = {}): Serialized {
  return plainErrorOf({ code, message, ...fields });
}

/** What is known of the last process that a task has killed. */
export interface LastDeath {
  /** Undefined: nobody said. */
  readonly death?: Death | undefined;
  /** What its worker told; undefined if that died too. */
  readonly words?: string | undefined;
}

/** The task killed too many executors or workers (dask's KilledWorker). */
export function killedWorker(
  task: Task,
  { address: worker, memoryLimitBytes }: WorkerState,
  deaths: number,
  { death = "gone", words }: LastDeath,
): Serialized {
  const advice = "Look for memory use or a crash in native code; see the worker's log.";
  const message =
    `Task ${show(task)} was given up: ${deaths} processes or threads of workers died while they ` +
    `ran it, the last on ${worker}. ${words ? `It said: ${words}` : advice}`;
  const memory = memoryLimitBytes === null ? {} : { memory_limit: memoryLimitBytes };
  const fields = { key: show(task), wire: task.wire, worker, deaths, death, ...memory };
  return schedulerError("KILLED_WORKER", message, fields);
}

/** Nobody may run the task (dask's NoValidWorkerError and NoWorkerError). */
export function noValidWorker(task: Task, waitedMs: number, wanted: string): Serialized {
  const message =
    `No worker may run task ${show(task)}: it waited ${Math.round(waitedMs / 1000)} s for ` +
    `${wanted}. Start such a worker, or loosen the task's restrictions.`;
  const { workers = [], resources = new Map() } = task.constraint.spec;
  const timeout = waitedMs / 1000;
  const fields = { key: show(task), wire: task.wire, workers, resources, timeout };
  return schedulerError("NO_VALID_WORKER", message, fields);
}

/** dask's "Worker holding Actor was lost". */
export function actorLost(task: Task): Serialized {
  const message = `The worker that held actor ${show(task)} was lost, and its state with it.`;
  return schedulerError("ACTOR_LOST", message, { key: show(task) });
}

/** What a task threw, as the texts of it: for those who cannot open the payload itself. */
export function thrownInJs({ exceptionText, tracebackText }: Rare): Serialized {
  return schedulerError("JS_ERROR", exceptionText, { stack: tracebackText });
}

/** A graph update that cannot be applied. */
export function badGraph(message: string): Serialized {
  return schedulerError("BAD_GRAPH", message);
}

function show(task: Task): string {
  const key = task.wire;
  return typeof key === "string" ? key : JSON.stringify(key, (_, v) => readable(v));
}

function readable(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array ? Array.from(value) : value;
}
