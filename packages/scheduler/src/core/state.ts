// The whole state of the scheduler: plain data and instances of a few data classes, no closures,
// so that save and load can walk it. Only `core` changes it; others read through `view.ts`.
import type { ClientId, TaskKey, WorkerAddress } from "@acme/protocol";
import type { Buckets } from "./buckets.js";
import type { ClientState } from "./client-state.js";
import type { Constraint } from "./constraint.js";
import { Counters } from "./counters.js";
import { Errands } from "./errands/errands.js";
import type { Link, RequestId } from "./events.js";
import { newShuffles, type Shuffles } from "./extensions/shuffle/shuffles.js";
import { Extensions } from "./extensions/state.js";
import type { TaskGroup, TaskPrefix } from "./groups.js";
import { coreLimits, type SchedulerOptions } from "./limits.js";
import type { Notice } from "./notices.js";
import { newSamplings, type Samplings } from "./operations/memory-samples.js";
import type { TaskStream } from "./operations/task-stream.js";
import { newWatches, type Watches } from "./operations/watches.js";
import type { Parked, Retirement } from "./parked.js";
import { PriorityHeap } from "./priority-heap.js";
import { Story } from "./story.js";
import type { Task } from "./task.js";
import { TaskTable } from "./task-table.js";
import type { Template } from "./template.js";
import { TopicEvents } from "./topics.js";
import type { WorkerState } from "./worker-state.js";

/** Options with their defaults filled in. */
export type Settings = ReturnType<typeof settingsOf>;

export class SchedulerState {
  settings: Settings;
  /** Latest time seen; time never goes back. */
  nowMs: number;
  random: number;
  stimuli = 0;
  runs = 0;
  nextOrder = 0;
  nextCall = 0;
  nextTransfer = 0;
  scatterNext = 0;
  tasks = new TaskTable();
  workers: Map<WorkerAddress, WorkerState> = new Map();
  workerOfLink: Map<Link, WorkerState> = new Map();
  /** Names of workers, as text. */
  aliases: Map<string, WorkerState> = new Map();
  clients: Map<ClientId, ClientState> = new Map();
  clientOfLink: Map<Link, ClientState> = new Map();
  /** Clients, departed ones included, with something that waits for its turn. */
  backlog: Set<ClientState> = new Set();
  prefixes: Map<string, TaskPrefix> = new Map();
  groups: Map<string, TaskGroup> = new Map();
  constraints: Map<string, Constraint> = new Map();
  templates: Map<string, Template> = new Map();
  /** Workers with room, by how full they are, per language. */
  open: Map<string, Buckets> = new Map();
  /** Constraints whose queue holds tasks. */
  queued: Set<Constraint> = new Set();
  /** Workers with more work than threads, and when to look whether they are overdue. */
  crowded: Set<WorkerState> = new Set();
  overdue = new PriorityHeap<WorkerState>();
  /** Workers that leave in good order. */
  retiring: Map<WorkerState, Retirement> = new Map();
  totalThreads = 0;
  /** Raised whenever a worker comes, goes or changes status or resources. */
  workersVersion = 0;
  /** Tasks to place at the end of this step; empty between steps. */
  ready: Task[] = [];
  /** Suspects that wait for a worker of their own. */
  lonely: Set<Task> = new Set();
  /** Actors, from when they are known until they are forgotten, and where they live. */
  actors: Map<Task, WorkerState | null> = new Map();
  /** Tasks that wait for their back-off. */
  delayed: Set<Task> = new Set();
  parked: Map<RequestId, Parked> = new Map();
  /** What each call in progress belongs to. */
  calls: Map<number, RequestId> = new Map();
  transfers: Map<number, RequestId> = new Map();
  shuffles: Shuffles = newShuffles();
  /** What only Python can do. */
  errands: Errands;
  metadata: Map<TaskKey, unknown> = new Map();
  extensions = new Extensions();
  topics = new TopicEvents();
  story = new Story();
  /** The latest lines of the log, oldest first. */
  notices: Notice[] = [];
  counters = new Counters();
  /** Tasks with more than one copy, some on a worker of Python. */
  replicated: Set<Task> = new Set();
  /** Drops copies that nobody needs. */
  memoryManager = { isRunning: true, nextMs: Number.POSITIVE_INFINITY };
  /** Pickles, by name, for every worker of Python and every nanny. */
  workerPlugins: Map<string, Uint8Array>;
  nannyPlugins: Map<string, Uint8Array> = new Map();
  /** What ran when; null as long as nobody has asked. */
  taskStream: TaskStream | null = null;
  samplings: Samplings = newSamplings();
  watches: Watches = newWatches();
  /** Differences between versions that have been told. */
  toldVersions: Set<string> = new Set();
  /** When the first dropped client is to be removed; Infinity: none is dropped. */
  nextLingerMs = Number.POSITIVE_INFINITY;
  /** Entries of `metadata`, at all depths. */
  metadataEntries = 0;
  /** When to look next for silent workers. */
  nextSilenceCheckMs = 0;
  /** When to look next whether silent workers can be reached. */
  nextProbeMs = 0;

  constructor(options: SchedulerOptions) {
    this.settings = settingsOf(options);
    this.nowMs = this.settings.startedMs;
    this.errands = new Errands(this.settings.python);
    this.workerPlugins = new Map(options.workerPlugins ?? []);
    this.random = this.settings.seed >>> 0 || 1;
  }
}

/**
 * Makes the state of a scheduler that nobody has connected to yet.
 *
 * @example
 * ```ts
 * const state = newState({ id: "Scheduler-1", startedMs: 1_700_000_000_000 });
 * step(state, [], 1_700_000_000_000, newOutbox());
 * ```
 */
export function newState(options: SchedulerOptions): SchedulerState {
  return new SchedulerState(options);
}

function settingsOf(options: SchedulerOptions) {
  return {
    id: options.id,
    incarnation: options.incarnation ?? 0,
    seed: options.seed ?? 1,
    startedMs: options.startedMs ?? 0,
    allowedFailures: options.allowedFailures ?? 3,
    workerTtlMs: options.workerTtlMs === undefined ? 300_000 : options.workerTtlMs,
    clientLingerMs: options.clientLingerMs ?? 30_000,
    noWorkersTimeoutMs: options.noWorkersTimeoutMs ?? null,
    bandwidthBytesPerSecond: options.bandwidthBytesPerSecond ?? 100e6,
    defaultDurationsMs: new Map(options.defaultDurationsMs ?? []),
    workStealing: options.workStealing ?? true,
    keysPerStep: options.keysPerStep ?? coreLimits.keysPerStep,
    placementsPerStep: options.placementsPerStep ?? coreLimits.placementsPerStep,
    validate: options.validate ?? false,
    python: options.python === undefined ? { helper: null, isHelperFirst: false } : options.python,
    versions: options.versions ?? null,
  };
}
