// What the scheduler knows of one worker. Data only. Corresponds to dask's WorkerState.
// Changes go through workers.ts, which keeps the indexes and totals of the state right.
import type { WorkerAddress, WorkerStatus } from "@acme/protocol";
import type { Buckets } from "./buckets.js";
import type { Link } from "./events.js";
import type { UnmanagedMemory } from "./operations/process-memory.js";
import type { Task } from "./task.js";
import type { PeerVersions } from "./versions.js";

export interface KnownTemplate {
  /** Tasks in flight on this worker that use it. */
  inFlight: number;
}

export class WorkerState {
  readonly address: WorkerAddress;
  readonly host: string;
  /** −1 once it is gone. */
  link: Link;
  readonly name: string | number;
  readonly serverId: string | null;
  readonly nanny: string | null;
  readonly lang: string;
  /** Version of our additions that it speaks; 0: a Python worker. */
  readonly acme: number;
  status: WorkerStatus;
  /** Why it is paused, in its own words; null: it is not, or did not say. */
  pauseReason: string | null = null;
  nthreads: number;
  memoryLimitBytes: number | null;
  resources: Map<string, number>;
  /** As registered, for `identity`. */
  details: ReadonlyMap<string, unknown>;
  metrics: ReadonlyMap<string, unknown>;
  extra: ReadonlyMap<string, unknown>;
  readonly versions: PeerVersions;
  registeredMs: number;
  lastSeenMs: number;
  /** When its machine was last looked for because it was silent. */
  probedMs = 0;
  /** What its process takes beside the values it holds, over the last while. */
  unmanaged: UnmanagedMemory[] = [];
  hasWhat: Set<Task> = new Set();
  heldBytes = 0;
  /** In order of dispatch. */
  processing: Set<Task> = new Set();
  longRunning = 0;
  /** Expected duration of the work in flight, transfers included. */
  occupancyUs = 0;
  /** The index of open workers of its language. */
  readonly open: Buckets;
  /** Share of the in-flight budget used; full at nthreads × one slot. */
  loadUs = 0;
  /** Place in the index of open workers; −1: not in it. */
  bucket = -1;
  /** By id, in order of last use: a function that comes again later is the same one there. */
  templates: Map<string, KnownTemplate> = new Map();
  /** It leaves because it was asked to or said so: no task becomes suspect. */
  leaving = false;
  /** A suspect that gets this worker to itself. */
  reservedFor: Task | null = null;
  /** When a task last left it. */
  landedAtMs = 0;
  /** Its entry in the heap of workers to look at; Infinity: none. */
  overdueAtMs = Number.POSITIVE_INFINITY;
  /** End of its walltime, when known. */
  deadlineMs: number | null = null;
  /** What it does beside its tasks that only Python can do. */
  errands = 0;
  /** Steal requests that would bring work to it. */
  stealsComing = 0;

  constructor(init: {
    address: WorkerAddress;
    host: string;
    link: Link;
    name: string | number;
    serverId: string | null;
    nanny: string | null;
    lang: string;
    acme: number;
    status: WorkerStatus;
    nthreads: number;
    memoryLimitBytes: number | null;
    resources: Map<string, number>;
    details: ReadonlyMap<string, unknown>;
    metrics: ReadonlyMap<string, unknown>;
    extra: ReadonlyMap<string, unknown>;
    versions: PeerVersions;
    open: Buckets;
    nowMs: number;
  }) {
    this.open = init.open;
    this.address = init.address;
    this.host = init.host;
    this.link = init.link;
    this.name = init.name;
    this.serverId = init.serverId;
    this.nanny = init.nanny;
    this.lang = init.lang;
    this.acme = init.acme;
    this.status = init.status;
    this.nthreads = init.nthreads;
    this.memoryLimitBytes = init.memoryLimitBytes;
    this.resources = init.resources;
    this.details = init.details;
    this.metrics = init.metrics;
    this.extra = init.extra;
    this.versions = init.versions;
    this.registeredMs = init.nowMs;
    this.lastSeenMs = init.nowMs;
  }
}
