// Every bound of the scheduler core by name, and dask's defaults for what can be set.
// Bounds of sockets, http and gathers are the shell's, in shell/limits.ts.
import type { PythonSettings } from "./errands/errands.js";
import type { PeerVersions } from "./versions.js";

const KiB = 2 ** 10;
const MiB = 2 ** 20;

export const coreLimits = Object.freeze({
  /** After this without a heartbeat it is looked whether the machine of a worker is there, ... */
  silentMs: 6_000,
  /** ... or after as many missing ones, if that is longer. */
  silentHeartbeats: 4,
  /** Known duration of work that one slot may hold in flight. */
  inFlightPerSlotMs: 10,
  /** A task known to be shorter may have the next one wait behind it, so that no slot is idle. */
  nextInFlightMs: 100,
  /** Tasks that one slot may hold in flight, however short they are. */
  inFlightPerSlot: 128,
  /** A Python worker that was full gets no more while each of its threads has more than this. */
  refillPerThread: 4,
  /** Duration assumed for a prefix that never ran. */
  unknownDurationMs: 500,
  /** Longest time believed of a task: sums of many stay exact, and no clock makes them infinite. */
  longestDurationMs: 24 * 3_600_000,
  /** In how much time an adaptive cluster should be done with the work at hand. */
  adaptiveTargetMs: 5_000,
  /** Share of the workers' memory above which it asks for more of them. */
  adaptiveMemoryShare: 0.6,
  /** Weight of the newest run in a prefix's duration. */
  durationWeight: 0.5,
  /** A worker is overdue when its oldest task runs longer than this many times its estimate … */
  overdueFactor: 2,
  /** … and at least this long. */
  overdueMinMs: 100,
  /** Known tasks shorter than this are not worth moving. */
  stealMinMs: 5,
  /** Tasks that one steal pass may move. */
  stealsPerPass: 1024,
  /** Idle workers that one pass serves, and crowded ones that each looks at. */
  thievesPerPass: 256,
  victimsPerThief: 16,
  /** Queued tasks of a victim that one thief looks at. */
  stealCandidates: 32,
  /** Holders compared for one task; more are sampled. */
  placeCandidates: 20,
  /** An idle worker that was busy last is preferred until it holds so much more than another. */
  warmWorkerBytes: 16 * MiB,
  /** Cost of fetching anything at all from another worker. */
  fetchLatencyMs: 10,
  /** Templates one worker remembers. */
  templatesPerWorker: 256,
  /** A client link with more unsent bytes than this gets no inline results. */
  inlineBacklogBytes: 8 * MiB,
  /** Transitions remembered. */
  storyLength: 20_000,
  /** Events remembered per topic. */
  eventsPerTopic: 1_000,
  /** Lines of the log remembered for whoever looks later, and those of a status. */
  noticesKept: 1_000,
  notices: 50,
  /** Functions and workers that one status lists. */
  statusFunctions: 50,
  statusWorkers: 200,
  /** Characters of one line of the log in a status. */
  statusText: 300,
  /** Topics remembered, and topics with subscribers. */
  topics: 1_000,
  /** Events remembered in all. */
  events: 20_000,
  /** Values in an event that is remembered, a KiB of text counting as one; others only pass. */
  eventValues: 1_000,
  /** Prefix durations remembered after their last task is gone. */
  prefixes: 10_000,
  /** Keys of client messages that one step works on; the rest waits for the next steps. */
  keysPerStep: 25_000,
  /** What making a task that Python has unfolded counts as: it takes so much longer. */
  foreignTaskKeys: 8,
  /** Keys of a graph that are copied, so that they do not keep the text they were read with. */
  keysCopied: 128,
  /** Levels of tasks that submit tasks which fit between two tasks in order. */
  nestedPerOrder: 64,
  /** Queued tasks that one step hands out. */
  placementsPerStep: 8_192,
  /** Messages of one client that wait behind a graph that is not applied yet. */
  messagesPending: 100_000,
  /** Requests parked at once. */
  parkedRequests: 10_000,
  /** P2P shuffles that go on at once. */
  shuffles: 10_000,
  /** The end of a transfer waits for what is still on its way between workers. */
  inputsDoneTimeoutMs: 24 * 3_600_000,
  /** A worker that could not be told of it is called again after this, so many times. */
  inputsDoneRetryMs: 100,
  inputsDoneFailures: 100,
  /** Failures at something that only Python can do before it is given up: each of another worker, ... */
  errandAttempts: 6,
  /** ... or of the process beside the scheduler, which starts again each time. */
  helperAttempts: 3,
  /** Before that process is tried again after it could not be started. */
  helperRetryMs: 20_000,
  /** For somebody to be there who can unfold a graph. */
  errandWaitMs: 30_000,
  /** For a worker that could not do it to turn out to have died over it. */
  errandGraceMs: 1_000,
  /** Workers compared to find one with little to do. */
  errandCandidates: 16,
  /** Depth of `set_metadata` paths. */
  metadataDepth: 64,
  /** Entries that `set_metadata` may make in all. */
  metadataEntries: 10_000,
  /** Names of variables, queues, events, locks and datasets in all. */
  extensionNames: 100_000,
  /** Items in queues, and bytes in variables, queues and datasets. */
  extensionItems: 1_000_000,
  extensionBytes: 1024 * MiB,
  /** Requests that wait for a value, an event, a lease or a lock. */
  extensionWaiting: 100_000,
  /** Handed-out futures of one key of a variable that nobody has confirmed; older are forgotten. */
  handedOut: 10_000,
  /** Leases of one semaphore. */
  leases: 1_000_000,
  /** Between two looks for leases that nobody confirmed. */
  leaseCheckMs: 1_000,
  /** How long a request about datasets waits for its mark until its client is looked for. */
  flushMs: 30_000,
  /** Marks that came before their request; older ones are forgotten. */
  flushMarks: 10_000,
  /** Tasks that one collector of metadata looks for. */
  collectedTasks: 1_000_000,
  /** Shortest time between two looks for dropped clients that did not come back. */
  lingerLookMs: 100,
  /** Losses of a worker whose suspects ran isolated, before the task is given up. */
  isolatedLosses: 10,
  /** Deadline of `kill` calls made for a restart, and of a parked restart or retirement. */
  callTimeoutMs: 30_000,
  retireTimeoutMs: 24 * 3_600_000,
  /** Longest that any request may wait, whatever it asks for. */
  timeoutMaxMs: 24 * 3_600_000,
  scatterTimeoutMs: 30_000,
  /** For a worker to copy values from others, or to drop them, on request. */
  copyTimeoutMs: 300_000,
  /** Rounds in which a value is copied further and further, failed ones included. */
  replicateRounds: 40,
  /** dask's thresholds of a rebalance, as shares of a worker's memory limit. */
  rebalanceHalfGap: 0.05,
  rebalanceSenderMin: 0.3,
  rebalanceRecipientMax: 0.6,
  /** Memory that a process has taken for longer counts as its own; readings kept of it. */
  recentMemoryMs: 30_000,
  memoryReadings: 128,
  /** Pause between two looks for copies that nobody needs. */
  memoryManagerMs: 2_000,
  /** With so many dependents nobody counts which workers they run on. */
  waitersCounted: 20,
  /** Plugins of each kind, and bytes of all, files to upload included. */
  plugins: 1_000,
  pluginBytes: 512 * MiB,
  /** Samplings of memory at once, samples of each, and the pause between two of them at least. */
  memorySamplings: 1_000,
  memorySamples: 1_000_000,
  memorySampleMinMs: 10,
  /** Pause of a progress bar for each task that it looks at: ten times what that takes. */
  watchPausePerTaskMs: 0.003,
  /** Runs remembered for `get_task_stream`, and how many more before the oldest are dropped. */
  taskStreamLength: 100_000,
  taskStreamSlack: 10_000,
  /** Depth to which a dump looks for names that are no text. */
  dumpDepth: 16,
  /** A value of unknown size counts as this much. */
  unknownBytes: KiB,
  /** A copy that did not arrive is asked for again after this. */
  acquireRetryMs: 2_000,
});

export interface SchedulerOptions {
  /** Name of this scheduler in stimulus ids and `identity`, such as `Scheduler-<uuid>`. */
  id: string;
  /** How often this scheduler was restored; makes run ids of later lives larger. */
  incarnation?: number;
  /** Seed of every random choice. */
  seed?: number;
  /** Milliseconds since the epoch. */
  startedMs?: number;
  /** Deaths a task may cause before it is given up (dask's `allowed-failures`). */
  allowedFailures?: number;
  /** A worker silent for longer is removed; null: never. */
  workerTtlMs?: number | null;
  /** A dropped acme client keeps its keys this long. */
  clientLingerMs?: number;
  /** Tasks that no worker may run fail after this; null: they wait. */
  noWorkersTimeoutMs?: number | null;
  /** Bytes per second assumed between workers. */
  bandwidthBytesPerSecond?: number;
  /** Prefix durations known in advance, in milliseconds. */
  defaultDurationsMs?: ReadonlyMap<string, number>;
  /** false: tasks stay where they were placed. */
  workStealing?: boolean;
  /** Keys of client messages that one step works on. */
  keysPerStep?: number;
  /** Queued tasks that one step hands out. */
  placementsPerStep?: number;
  /** Plugins that every Python worker gets when it registers, pickled, by name. */
  workerPlugins?: ReadonlyMap<string, Uint8Array>;
  /** What this scheduler runs, to compare peers with; absent: they are not compared. */
  versions?: PeerVersions;
  /** What else runs Python besides workers; null: nothing may be asked of Python. Default: nothing else. */
  python?: PythonSettings | null;
  /** Checks the tasks that each step touched; a broken invariant throws. */
  validate?: boolean;
}
