// One task and what may hang on it. A million of these exist at once, so every field is one word
// and what few tasks need lies in `rare` (errors, suspicion) or `flight` (while processing).
// Changes go through the transitions; nothing here decides. Corresponds to dask's TaskState.
import {
  type Pickled,
  type RunId,
  type Serialized,
  type StimulusId,
  type TaskKey,
  type WireKey,
  wireKey,
} from "@acme/protocol";
import type { ClientState } from "./client-state.js";
import type { Constraint } from "./constraint.js";
import type { ForeignSlab } from "./foreign-graph.js";
import type { TaskGroup } from "./groups.js";
import type { Relation } from "./relations.js";
import type { Slab } from "./template.js";
import type { WorkerState } from "./worker-state.js";

export type TaskStateName =
  | "released"
  | "waiting"
  | "no-worker"
  | "queued"
  | "processing"
  | "memory"
  | "erred"
  | "forgotten";

/** Bits of `Task.flags`. */
export const flag = Object.freeze({
  actor: 1,
  /** Makes data out of nothing (foreign graphs say so): always queued. */
  dataProducer: 2,
  /** A dependency is neither known nor coming. */
  lostDependencies: 4,
  /** An entry of a ready queue refers to this task, perhaps a stale one. */
  inQueue: 8,
  /** In the list of tasks to place at the end of the step. */
  inReady: 16,
  /** Runs alone from now on: it was on a worker that died. */
  suspect: 32,
  /** Touched in this step: validated after it when asked. */
  touched: 64,
  /** Queued, but for a worker of its own: not in its constraint's queue. */
  lonely: 128,
  /** Barrier of a shuffle that is going on. */
  barrier: 256,
  /** Goes to a worker as soon as it can run, though many like it are there. */
  unqueueable: 512,
});

/** Four bits above the flags hold the recommended state while a step works through its list. */
export const recommendationShift = 12;

/** Where a task runs, from dispatch until it leaves `processing`. */
export interface Flight {
  worker: WorkerState;
  sentAtMs: number;
  /** Estimates at dispatch, taken back exactly when the task leaves. */
  durationUs: number;
  loadUs: number;
  costUs: number;
  isolated: boolean;
  longRunning: boolean;
  /** A steal request is on its way to the worker. */
  steal: { stimulusId: StimulusId; thief: WorkerState } | null;
  /** The worker said that it is too late to steal it. */
  started: boolean;
}

/** What few tasks need. */
export class Rare {
  exception: Uint8Array | Serialized | Pickled | null = null;
  traceback: Uint8Array | Serialized | Pickled | null = null;
  exceptionText = "";
  tracebackText = "";
  /** The task whose error this one inherited; itself when it raised. */
  blame: Task | null = null;
  erredOn: string[] | null = null;
  /** Deaths of an executor or worker that count against this task alone. */
  deaths = 0;
  /** Workers lost while this task ran isolated in them. */
  losses = 0;
  /** Not before this time: back-off of a retry. */
  notBeforeMs = 0;
  annotations: unknown = null;
  metadata: unknown = null;
  /** Where it might run before a shuffle bound it to one worker; undefined: it is not bound. */
  workersBefore: readonly string[] | null | undefined = undefined;
}

export class Task {
  state: TaskStateName = "released";
  /** Counts up over all graphs; lower runs first within a user priority. */
  order = 0;
  /** Larger runs first. */
  userPriority = 0;
  flags = 0;
  /** How to run it: a slab, in which `item` is its place. */
  spec: Slab | ForeignSlab | null = null;
  item = 0;
  dependencies: Relation<Task> = null;
  dependents: Relation<Task> = null;
  /** Dependencies that are not in memory; counted only while waiting. */
  waitingOn = 0;
  /** Dependents that are waiting, queued, no-worker or processing. */
  waiters = 0;
  whoWants: Relation<ClientState> = null;
  whoHas: Relation<WorkerState> = null;
  flight: Flight | null = null;
  /** Of the latest attempt; −1 before the first. */
  runId = -1 as RunId;
  /** −1: unknown. */
  nbytes = -1;
  retries = 0;
  rare: Rare | null = null;
  readonly key: TaskKey;
  group: TaskGroup;
  constraint: Constraint;

  constructor(key: TaskKey, group: TaskGroup, constraint: Constraint) {
    this.key = key;
    this.group = group;
    this.constraint = constraint;
  }

  /** The key as messages carry it. */
  get wire(): WireKey {
    return wireKey(this.key);
  }
}

export const isSet = (task: Task, bit: number): boolean => (task.flags & bit) !== 0;

/** The rare part, made at first use. */
export function rareOf(task: Task): Rare {
  task.rare ??= new Rare();
  return task.rare;
}

/** Smaller runs first: user priority, then order. */
export function byPriority(a: Task, b: Task): number {
  return b.userPriority - a.userPriority || a.order - b.order;
}
