// What dask's scheduler extensions remember, as plain data: values that clients share by name, flags
// and leases that they wait for. Nothing here decides; each extension has a room of its own.
import type { ClientId, ExtensionRequest, Pickled, Serialized, TaskKey } from "@acme/protocol";
import type { RequestId } from "../events.js";
import { PriorityHeap } from "../priority-heap.js";

/** A name as clients gave it, canonical: Python's names need not be text. */
export type Name = TaskKey;

/** A request, answered at once or kept until it can be, or until its time is up. */
export interface Waiting {
  requestId: RequestId;
  /** Infinity: as long as its connection lives. */
  deadlineMs: number;
  request: ExtensionRequest;
  /** What a `queue_get` of several items has so far, and what a `queue_put` brings. */
  taken: Stored[];
}

export interface Asked<O extends ExtensionRequest["op"]> extends Waiting {
  request: Extract<ExtensionRequest, { op: O }>;
}

/** A value as it was given: a task's by its key, else plain data. */
export interface Stored {
  key: TaskKey | null;
  value: unknown;
  /** Roughly, for the bound on all of them. */
  bytes: number;
}

export interface Variable {
  stored: Stored | null;
  getters: Set<RequestId>;
  /** Futures handed to clients that have not confirmed that they want them: tokens per key. */
  handedOut: Map<TaskKey, Map<string, ClientId | null>>;
}

export interface Queue {
  maxsize: number;
  /** Clients that opened it and did not close it. */
  users: number;
  /** What is before `head` is gone. */
  items: Stored[];
  head: number;
  getters: Set<RequestId>;
  putters: Set<RequestId>;
}

export interface Flag {
  isSet: boolean;
  waiters: Set<RequestId>;
}

export interface Semaphore {
  maxLeases: number;
  /** null: leases do not expire. */
  leaseTimeoutMs: number | null;
  /** When each was last confirmed. */
  leases: Map<string, number>;
  waiters: Set<RequestId>;
}

/** What one MultiLock asked for or holds. */
export interface LockHolder {
  locks: Set<Name>;
  /** Locks it still needs; 0: it has what it asked for. */
  left: number;
  requestId: RequestId | null;
}

export interface Dataset {
  keys: TaskKey[];
  data: Serialized | Pickled;
}

/** Metadata of the tasks of graphs that came since it was started. */
export interface Collector {
  awaited: Set<TaskKey>;
  metadata: Map<TaskKey, unknown>;
  states: Map<TaskKey, string>;
}

export class Extensions {
  /** All requests that wait, and when each is to be looked at; entries may be stale. */
  waiting: Map<RequestId, Waiting> = new Map();
  deadlines = new PriorityHeap<RequestId>();
  /** Those that wait for a task to become known. */
  awaitingKey: Set<RequestId> = new Set();
  variables: Map<Name, Variable> = new Map();
  tokens = 0;
  queues: Map<Name, Queue> = new Map();
  /** Per queue, how many of its items refer to a key, handed out ones included. */
  queueRefs: Map<Name, Map<TaskKey, number>> = new Map();
  flags: Map<Name, Flag> = new Map();
  semaphores: Map<Name, Semaphore> = new Map();
  /** Semaphores with leases that may expire. */
  leased: Set<Semaphore> = new Set();
  nextLeaseCheckMs = 0;
  /** Who asked for a lock, in order; the first holds it. */
  locks: Map<Name, string[]> = new Map();
  lockHolders: Map<string, LockHolder> = new Map();
  datasets: Map<Name, Dataset> = new Map();
  /** Marks that came on the stream of a client before its request did. */
  flushed: Map<string, ClientId> = new Map();
  /** Requests that wait for their mark. */
  flushing: Map<string, RequestId> = new Map();
  collectors: Map<string, Collector> = new Map();
  /** Of variables, queues and datasets. */
  heldBytes = 0;
  /** In queues, handed-out futures included. */
  heldItems = 0;
}
