// Every bound of the worker core by name. Defaults are dask's where dask has one.
// Bounds of sockets and processes are the shell's and exec's, each in its own limits.ts.
const MiB = 2 ** 20;

export interface WorkerLimits {
  /** Work handed over to one slot ahead of time, where durations are known. */
  readonly handOverMs: number;
  /** Orders handed over to one slot. */
  readonly handOverCount: number;
  /** A running order is overdue when it takes this much longer than its tasks did so far. */
  readonly overdueMs: number;
  /** Tasks whose spilled inputs are read ahead, beyond the number of slots. */
  readonly readAheadTasks: number;
  /** Bytes asked of a peer in one message; one larger value goes alone. */
  readonly fetchBytes: number;
  /** Fetches under way at once, one per peer. */
  readonly incomingConnections: number;
  /** Part of the memory limit that may be under way to us. */
  readonly incomingFraction: number;
  /** Peers served at once. */
  readonly outgoingConnections: number;
  /** The same while paused. */
  readonly outgoingConnectionsPaused: number;
  /** Part of the memory limit that may be served at once: read back, pinned, on its way out. */
  readonly outgoingFraction: number;
  /** A peer that said busy is left alone this long. */
  readonly busyRetryMs: number;
  /** How often the scheduler is asked who has a missing key. */
  readonly refreshWhoHasMs: number;
  /** Parts of the memory limit: values kept in memory, process memory that spills, that pauses. */
  readonly targetFraction: number;
  readonly spillFraction: number;
  readonly pauseFraction: number;
  /** Values being written to disk at once, and read back for one request for data at most. */
  readonly spillsAtOnce: number;
  /** After a full disk nothing is spilled for this long, … */
  readonly spillRetryMs: number;
  /** … or for this long after a file of ours was removed. */
  readonly spillRetryFreedMs: number;
  /** Without the scheduler the worker gives up after this long. */
  readonly reconnectMs: number;
  /** A heartbeat without any answer is given up after this long. */
  readonly heartbeatAnswerMs: number;
  /** A task that only Python can run is held this long for others to steal, … */
  readonly foreignHoldMs: number;
  /** … so many times longer each time that it comes, … */
  readonly foreignHoldGrowth: number;
  /** … is given back so often, and then fails. */
  readonly foreignRounds: number;
  /** After giving some back a worker is not to be chosen for this long. */
  readonly foreignAsideMs: number;
  /** Of so many tasks it is known how often they came. */
  readonly foreignKeysKept: number;
  /** Failed tasks remembered for whoever asks. */
  readonly erredTasksKept: number;
  /** Entries in the story ring. */
  readonly storyEntries: number;
}

export const workerLimits: WorkerLimits = Object.freeze({
  handOverMs: 2,
  handOverCount: 64,
  overdueMs: 10,
  readAheadTasks: 1,
  fetchBytes: 50 * MiB,
  incomingConnections: 10,
  incomingFraction: 0.1,
  outgoingConnections: 50,
  outgoingConnectionsPaused: 1,
  outgoingFraction: 0.1,
  busyRetryMs: 150,
  refreshWhoHasMs: 1_000,
  targetFraction: 0.6,
  spillFraction: 0.7,
  pauseFraction: 0.8,
  spillsAtOnce: 8,
  spillRetryMs: 10_000,
  spillRetryFreedMs: 200,
  reconnectMs: 60_000,
  heartbeatAnswerMs: 30_000,
  foreignHoldMs: 100,
  foreignHoldGrowth: 4,
  foreignRounds: 5,
  foreignAsideMs: 1_000,
  foreignKeysKept: 10_000,
  erredTasksKept: 1_000,
  storyEntries: 4_096,
});

/**
 * Exit codes of a worker process. The nanny starts no worker again that was asked to go, lost its
 * scheduler, or was refused: the next one would fare no better.
 */
export const exitCodes = Object.freeze({ asked: 0, mistake: 70, schedulerLost: 75, refused: 78 });
