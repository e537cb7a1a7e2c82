// One task as a worker knows it: something to compute, something to fetch, or a value it holds.
// Data only. Fields are correlated; only the transitions and the rooms beside them write them.
// Corresponds to TaskState of dask's worker state machine.
import type { TaskKey, WireKey, WorkerAddress } from "@acme/protocol";
import type { FetchId, OpaqueBytes, OrderId, RequestId, Slot } from "./events.js";
import type { ExecutorKind, RunSpec } from "./outbox.js";

/** dask's states. */
const taskStates = [
  "released",
  "waiting",
  "constrained",
  "ready",
  "executing",
  "long-running",
  "fetch",
  "flight",
  "missing",
  "memory",
  "error",
  "cancelled",
  "resumed",
  "rescheduled",
  "forgotten",
] as const;
export type TaskState = (typeof taskStates)[number];

/** Where the value of a task in `memory` is. */
export type ValuePlace = "memory" | "spilling" | "disk" | "loading";

/** A function that many tasks share, and how long its tasks took so far. */
export interface Template {
  readonly id: string;
  readonly name: string;
  /** Tasks here that still need it. */
  tasks: number;
  /** The scheduler forgot it; the executors forget it with the last task. */
  forgotten: boolean;
  /** Moving average, milliseconds; null: none ended yet. */
  durationMs: number | null;
}

/** One hand-over of a task to an executor. */
export interface Order {
  readonly orderId: OrderId;
  readonly task: Task;
  readonly slot: Slot;
  /** Further slots that the task occupies. */
  readonly alsoSlots: readonly Slot[];
  /** What it took of the worker's resources; given back when it ends. */
  readonly resources: ReadonlyMap<string, number> | null;
  /** What it tells something about by ending. */
  readonly template: Template | null;
  /** Null: unknown, so the slot takes nothing behind it. */
  readonly expectedMs: number | null;
  /** When it came to the head of its slot. */
  startedMs: number;
  /** A `cancel` is out: however it ends, its result is not used. */
  aborted: boolean;
  /** A `retract` is out. */
  retracting: boolean;
  /** Steal requests to answer once it is known whether the order started. */
  steals: string[] | null;
  /** No longer in its slot. */
  seceded: boolean;
}

const noPriority: readonly number[] = [];
const noTasks: readonly Task[] = [];

/** How the scheduler wants a task run. */
export interface Computation {
  runSpec: RunSpec;
  template: Template | null;
  executor: ExecutorKind;
  isolate: boolean;
  slots: number;
  resources: ReadonlyMap<string, number> | null;
  /** Tasks with the same key need the same resources and slots; null: one slot, nothing else. */
  constraint: string | null;
  annotations: unknown;
}

/** What a task is held with that only Python can run: no worker of ours ever has it. */
export const pythonResources: ReadonlyMap<string, number> = new Map([["LANG-py", 1]]);
export const pythonConstraint = JSON.stringify([1, ...pythonResources]);

/** What a finished task is reported with, also when it is asked for again. */
export interface Finished {
  typename: string;
  startMs: number;
  stopMs: number;
  wireType: OpaqueBytes | undefined;
  metadata: unknown;
}

/** A `get_data` under way. */
export interface Serving {
  readonly requestId: RequestId;
  readonly tasks: Set<Task>;
  /** Of what was asked for and is here. */
  readonly nbytes: number;
  /** Keys on their way from disk. */
  waiting: number;
}

/** A `gather` rpc: what has not arrived yet, and what never will. */
export interface Asking {
  readonly requestId: RequestId;
  readonly awaited: Set<Task>;
  readonly failed: WireKey[];
}

/** One `get_data` that we sent to a peer. */
export interface Fetch {
  readonly fetchId: FetchId;
  readonly peer: WorkerAddress;
  readonly tasks: readonly Task[];
  readonly nbytes: number;
}

export class Task {
  readonly key: TaskKey;
  readonly wire: WireKey;
  state: TaskState = "released";
  runId = -1;
  /** The scheduler's numbers, smaller first; then the order of arrival. */
  priority: readonly number[] = noPriority;
  sequence = 0;
  computation: Computation | null = null;
  dependencies: readonly Task[] = noTasks;
  /** Tasks to be computed here that need this one; null: none. */
  dependents: Set<Task> | null = null;
  /** While `waiting`: dependencies that are not in memory. */
  waitingOn = 0;
  /** Position in the heap it is in; -1: in none. */
  heapIndex = -1;
  /** Its dependencies are pinned, because it runs or is about to. */
  pinsInputs = false;
  /** Inputs still on their way from disk. */
  loading = 0;
  order: Order | null = null;
  fetch: Fetch | null = null;
  /** What a cancelled or resumed task really does, and what a resumed one is to do next. */
  previous: "executing" | "long-running" | "flight" | null = null;
  next: "fetch" | "waiting" | null = null;
  /** Wanted by the scheduler as a replica. */
  replica = false;
  askings: Set<Asking> | null = null;
  whoHas: Set<WorkerAddress> | null = null;
  /** -1: not known. */
  nbytes = -1;
  /** Where the value is, while in `memory`. */
  place: ValuePlace | null = null;
  /** Runs and requests that need the value in memory: it is not spilled meanwhile. */
  pins = 0;
  /** A file holds the value, also while it is in memory again: values never change. */
  inFile = false;
  diskBytes = 0;
  /** Who goes on once the value is in memory again. */
  waiters: Set<Task | Serving> | null = null;
  finished: Finished | null = null;

  constructor(key: TaskKey, wire: WireKey) {
    this.key = key;
    this.wire = wire;
  }
}
