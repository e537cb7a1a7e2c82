// All that a worker core knows. Plain data; read it from outside through view.ts.
// Corresponds to WorkerState of dask's worker state machine.
import type { TaskKey, WorkerAddress } from "@acme/protocol";
import type { FetchId, Link, OrderId, RequestId, Slot } from "./events.js";
import { type WorkerLimits, workerLimits } from "./limits.js";
import { newStory, type Story } from "./story.js";
import type { Asking, Fetch, Order, Serving, Task, Template } from "./task.js";
import { TaskHeap } from "./task-heap.js";

export interface WorkerCoreOptions {
  /** The address that peers and the scheduler know. */
  address: WorkerAddress;
  /** Tells this process from an earlier one under the same address. */
  serverId: string;
  /** Slots for tasks. */
  nthreads: number;
  /** Null: no limit; nothing is spilled and nothing pauses. */
  memoryLimitBytes: number | null;
  /** What this worker has of each named resource. */
  resources?: ReadonlyMap<string, number>;
  limits?: Partial<WorkerLimits>;
}

/** `init` until registered; the others are dask's words. */
export type CoreStatus = "init" | "running" | "paused" | "closing_gracefully" | "closed";

export interface SlotState {
  readonly slot: Slot;
  ready: boolean;
  /** In the order of execution; the first is the one that runs. */
  orders: Order[];
  /** Sum of the expected durations of `orders`. */
  plannedMs: number;
  /** Occupied by a task that takes several slots and runs in another one. */
  lentTo: Order | null;
}

export interface Peer {
  readonly address: WorkerAddress;
  /** Tasks in `fetch` that it has. */
  readonly tasks: Set<Task>;
  /** The fetch under way. */
  fetchId: FetchId | null;
  busyUntilMs: number;
}

export interface WorkerState {
  readonly options: Required<Omit<WorkerCoreOptions, "limits">>;
  readonly limits: WorkerLimits;
  status: CoreStatus;
  /** Leaving: by order of the scheduler, or by itself and then until `leaveAtMs`. */
  closing: boolean;
  /** Why it is paused; empty: it is not. */
  pausedFor: Set<"memory" | "disk" | "scheduler">;
  /** As the scheduler was told. */
  pauseReason: string | null;
  link: Link | null;
  lastLink: Link;
  acme: boolean;
  disconnectedAtMs: number | null;
  /** When to be gone at the latest. */
  leaveAtMs: number | null;

  tasks: Map<TaskKey, Task>;
  templates: Map<string, Template>;
  orders: Map<OrderId, Order>;
  slots: SlotState[];
  ready: TaskHeap;
  /** Tasks that need more than one plain slot, by what they need. */
  constrained: Map<string, TaskHeap>;
  /** Tasks whose inputs are being read from disk; not in a heap. */
  loading: Set<Task>;
  available: Map<string, number>;
  erred: Set<Task>;
  /** Tasks that only Python can run, and until when they are held here for others to steal. */
  foreign: Map<Task, number>;
  /** Until when the scheduler believes that this worker is paused; null: it does not. */
  steppedAsideUntilMs: number | null;
  /** How often each of them came. */
  foreignRounds: Map<TaskKey, number>;

  peers: Map<WorkerAddress, Peer>;
  /** The peers that have tasks in `fetch`. */
  fetchable: Set<Peer>;
  fetches: Map<FetchId, Fetch>;
  incomingBytes: number;
  /** Peers that said busy a moment ago. */
  resting: Set<Peer>;
  missing: Set<Task>;
  /** Those of `missing` that the scheduler was not asked about yet. */
  unasked: Set<Task>;
  refreshAtMs: number;
  servings: Map<RequestId, Serving>;
  outgoingBytes: number;
  askings: Map<RequestId, Asking>;

  /** Values that came while there was no scheduler: a registration on its way may not name them. */
  unheard: Set<Task>;
  /** Values in memory that no one needs right now, least recently used first. */
  idle: Set<Task>;
  /** Those of `idle` that are in a file too: they leave memory without being written. */
  idleInFile: Set<Task>;
  memoryBytes: number;
  /** Of all files. */
  diskBytes: number;
  /** What the values weigh that are in files alone. */
  spilledBytes: number;
  spilling: number;
  spillingBytes: number;
  /** Until when nothing is written; 0: the disk took the last value. */
  spillBlockedUntilMs: number;
  /** Why it took none, for people. */
  spillProblem: string | null;
  processBytes: number;
  /** What real memory still has to lose by spilling. */
  processExcessBytes: number;

  heartbeatIntervalMs: number;
  heartbeatAtMs: number;
  heartbeatSentAtMs: number | null;
  nextOrderId: OrderId;
  nextFetchId: FetchId;
  nextSequence: number;
  transfers: { incoming: number; incomingBytes: number; outgoing: number };
  executed: number;
  story: Story;
}

/**
 * The state of a worker that has just started. Nothing runs before `connected`, and nothing runs
 * in a slot before its `executor-ready`.
 *
 * @param options - who this worker is and what it has
 * @example
 * ```ts
 * const state = newState({ address, serverId: "w-1", nthreads: 4, memoryLimitBytes: 2 ** 32 });
 * step(state, [{ type: "executor-ready", slot: 0 }], nowMs, out);
 * ```
 */
export function newState(options: WorkerCoreOptions): WorkerState {
  const { limits, ...rest } = options;
  const all: WorkerLimits = { ...workerLimits, ...limits };
  const resources = options.resources ?? new Map<string, number>();
  return {
    options: { ...rest, resources },
    limits: all,
    ...newLinkState(),
    tasks: new Map(),
    templates: new Map(),
    orders: new Map(),
    slots: newSlots(options.nthreads),
    ready: new TaskHeap(),
    constrained: new Map(),
    loading: new Set(),
    available: new Map(resources),
    erred: new Set(),
    foreign: new Map(),
    steppedAsideUntilMs: null,
    foreignRounds: new Map(),
    peers: new Map(),
    fetchable: new Set(),
    fetches: new Map(),
    incomingBytes: 0,
    resting: new Set(),
    missing: new Set(),
    unasked: new Set(),
    refreshAtMs: 0,
    servings: new Map(),
    outgoingBytes: 0,
    askings: new Map(),
    unheard: new Set(),
    idle: new Set(),
    idleInFile: new Set(),
    memoryBytes: 0,
    diskBytes: 0,
    spilledBytes: 0,
    spilling: 0,
    spillingBytes: 0,
    spillBlockedUntilMs: 0,
    spillProblem: null,
    processBytes: 0,
    processExcessBytes: 0,
    nextOrderId: 1,
    nextFetchId: 1,
    nextSequence: 1,
    transfers: { incoming: 0, incomingBytes: 0, outgoing: 0 },
    executed: 0,
    story: newStory(all.storyEntries),
  };
}

function newLinkState() {
  return {
    status: "init" as CoreStatus,
    closing: false,
    pausedFor: new Set<"memory" | "disk" | "scheduler">(),
    pauseReason: null,
    link: null,
    lastLink: -1,
    acme: false,
    disconnectedAtMs: null,
    leaveAtMs: null,
    heartbeatIntervalMs: 1_000,
    heartbeatAtMs: Number.POSITIVE_INFINITY,
    heartbeatSentAtMs: null,
  };
}

function newSlots(count: number): SlotState[] {
  return Array.from({ length: count }, (_, slot) => ({
    slot,
    ready: false,
    orders: [],
    plannedMs: 0,
    lentTo: null,
  }));
}
