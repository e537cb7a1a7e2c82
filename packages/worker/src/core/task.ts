// One task as a worker knows it: something to compute, something to fetch, or a value it holds.
// Data only. Fields are correlated; only the transitions and the rooms beside them write them.
// Corresponds to TaskState of dask's worker state machine.
import type { TaskKey, WireKey, WorkerAddress } from "@acme/protocol";
import type { OrderId, Slot } from "./events.js";
import type { ExecutorKind, RunSpec } from "./outbox.js";

/** dask's states. */
export const taskStates = [
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

/** What is kept for a value. */
export interface Value {
  place: ValuePlace;
  /** Orders and requests that need it in memory; it is not spilled meanwhile. */
  pins: number;
  /** Counts uses; the least is spilled first. */
  diskBytes: number;
  /** A spill is given up for this value until the store accepts it again. */
  waiters: (Task | number)[] | null;
}

export class Task {
  readonly key: TaskKey;
  readonly wire: WireKey;
  state: TaskState = "released";
  runId = -1;
  /** Before `sequence`: the scheduler's numbers, smaller first. */
  priority: readonly number[] = [];
  sequence = 0;
  computation: Computation | null = null;
  dependencies: readonly Task[] = [];
  /** Tasks to be computed here that need this one; null: none. */
  dependents: Set<Task> | null = null;
  /** Dependencies that are not in memory. */
  waitingOn = 0;
  /** Position in the heap it is in; -1: in none. */
  heapIndex = -1;
  /** Inputs still to be read from disk before it can be handed over; 0: none asked for. */
  loading = 0;
  order: Order | null = null;
  /** What a cancelled or resumed task really does, and what a resumed one is to do next. */
  previous: "executing" | "long-running" | "flight" | null = null;
  next: "fetch" | "waiting" | null = null;
  /** Wanted by the scheduler as a replica, and by this many parked requests. */
  replica = false;
  askers = 0;
  whoHas: Set<WorkerAddress> | null = null;
  nbytes = -1;
  value: Value | null = null;

  constructor(key: TaskKey, wire: WireKey) {
    this.key = key;
    this.wire = wire;
  }
}
