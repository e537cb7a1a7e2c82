// Every bound of this package's shell by name; those of the reconcile loop are in core/limits.ts.
// What a user may set is an option instead.

export const shellLimits = Object.freeze({
  /** For one command of the batch system. */
  commandTimeoutMs: 30_000,
  /** For SLURM to say that it is there, while a map waits for a cluster of whatever kind. */
  isThereMs: 5_000,
  /** Commands that run at the same time. */
  commandsAtOnce: 2,
  /** One more command may start each so often, ... */
  commandSpacingMs: 250,
  /** ... and this many may start at once after a pause. */
  commandBurst: 2,
  /** Between commands while the batch system is too busy, at most; doubled with each failure. */
  busySpacingMaxMs: 16_000,
  /** Of what a command may print: the whole queue of a large site, as JSON. */
  commandOutputBytes: 256 * 1024 * 1024,
  /** Between two looks at the workers while some are expected. */
  lookWaitingMs: 1_000,
  /** The same when all are there. */
  lookSteadyMs: 3_000,
  lookTimeoutMs: 10_000,
  /** Of a cluster's events, for a reader who is slower than they come. */
  eventsWaiting: 10_000,
  /** Between two looks whether a scheduler outside this process is there, ... */
  schedulerLookMs: 5_000,
  /** ... and until one that does not answer is given up. */
  schedulerLostMs: 60_000,
  /** Between two looks for the contact file of a scheduler's job, ... */
  schedulerFileMs: 250,
  /** ... so many looks before the first at the queue, ... */
  schedulerFirstPoll: 8,
  /** ... and so many between two. */
  schedulerPollLooks: 20,
  /** Between two looks at the queue while a scheduler's job leaves it. */
  schedulerPollMs: 1_000,
  /** Of a job's output, for an error. */
  tailBytes: 4_096,
  /** For all jobs to be out of the queue when a cluster is closed. */
  closeMs: 60_000,
  /** The same on top of the time for draining. */
  closeExtraMs: 30_000,
  /** Between two looks at the queue after the client has died. */
  watchdogPollMs: 5_000,
  /** Between two looks whether a cluster without its client is still there. */
  watchdogGuardMs: 5_000,
  /** Its scheduler may be away for so long before what is left is cancelled. */
  watchdogOrphanMs: 120_000,
  /** The same when it has said that it ends. */
  watchdogGoneMs: 20_000,
  /** For its machine to accept a connection. */
  watchdogReachMs: 5_000,
  /** A submission that was under way then may take effect for so long. */
  watchdogLateMs: 40_000,
  /** After that it is given up: the queue does not answer. */
  watchdogGiveUpMs: 24 * 3_600_000,
});
