// Every bound of the executor room by name: sizes, counts and the patience with code that hangs.
// Nothing else in this room may invent a number of its own.
const KiB = 2 ** 10;

export interface ExecLimits {
  /** Frames of at least this many bytes live in memory of their own, shared between threads. */
  readonly sharedFrameBytes: number;
  /** Values up to this many bytes travel with the message that reports them. */
  readonly inlineBytes: number;
  /** Orders that one thread may hold; more wait here. */
  readonly cells: number;
  /** Bytes of one cell: the state of an order and, when it fits, its result. */
  readonly cellBytes: number;
  /** Between the AbortSignal of a cancelled task and the end of its executor. */
  readonly cancelGraceMs: number;
  /** A thread that was terminated and is not gone after this long is stuck in native code. */
  readonly stuckMs: number;
  /** An executor yields to its own timers and messages after this long without a pause. */
  readonly yieldMs: number;
  /** Before a task whose like took less than this, results may wait for the next ones, … */
  readonly quickMs: number;
  /** … for no longer than this. */
  readonly ringLaterMs: number;
  /** … and the control thread looks by itself after this, should one of them take long. */
  readonly lookMs: number;
  /** What a dead child process may still have in its pipes is awaited this long. */
  readonly drainMs: number;
  /** First pause after an executor that never became ready; doubled up to the second. */
  readonly startRetryMs: number;
  readonly startRetryMaxMs: number;
  /** A child process that ran nothing for this long is closed. */
  readonly idleChildMs: number;
  /** Last bytes of a child's stderr that are kept, to tell why it died. */
  readonly stderrTailBytes: number;
  /** Garbage is looked after each time this part of the memory limit has come or gone, … */
  readonly collectEveryFraction: number;
  /** … and collected when the process takes more than this part of it, … */
  readonly collectAboveFraction: number;
  /** … in at most this part of the time. */
  readonly collectShare: number;
}

export const execLimits: ExecLimits = Object.freeze({
  sharedFrameBytes: 64 * KiB,
  inlineBytes: 64 * KiB,
  cells: 128,
  cellBytes: KiB,
  cancelGraceMs: 500,
  stuckMs: 5_000,
  yieldMs: 10,
  quickMs: 0.2,
  ringLaterMs: 1,
  lookMs: 10,
  drainMs: 200,
  startRetryMs: 100,
  startRetryMaxMs: 30_000,
  idleChildMs: 60_000,
  stderrTailBytes: 8 * KiB,
  collectEveryFraction: 0.05,
  collectAboveFraction: 0.5,
  collectShare: 0.25,
});
