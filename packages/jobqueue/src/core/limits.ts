// Every number that bounds what this core waits for, asks for or tries again.
// What bounds single commands belongs to the shell.

export interface ReconcileLimits {
  /** Between two polls while a job waits or starts. */
  pollWaitingMs: number;
  /** Between two polls when all is as it should be. */
  pollSteadyMs: number;
  /** Before a poll that follows something we did. */
  pollSoonMs: number;
  /** Between polls while the batch system does not answer, at most. */
  pollBackoffMs: number;
  /** A job that runs must have all its workers registered within this time. */
  startMs: number;
  /** Workers may be away for so long before their job is given up. */
  silentMs: number;
  /** For tasks to end and results to move before a job is cancelled. */
  drainMs: number;
  /** For the job to end by itself after its workers have left. */
  exitMs: number;
  /** A cancelled job is cancelled again after this time. */
  cancelMs: number;
  /** A submitted job may be unknown to the batch system for so long. */
  unknownMs: number;
  /** A replacement is asked for so long before a job's time is up. */
  replaceLeadMs: number;
  /** Workers of a job whose time is up are told to leave so long before. */
  drainLeadMs: number;
  /** Failures within `failureWindowMs` after which nothing is submitted any more. */
  failures: number;
  failureWindowMs: number;
  /** After the first failure; doubled with each further one. */
  respawnBackoffMs: number;
  respawnBackoffMaxMs: number;
  /** After a submission failed for a reason that may pass. */
  submitBackoffMs: number;
  /** Elements of one array. */
  arraySize: number;
  /** Jobs of ours that may be in the queue at once. */
  queuedJobs: number;
}

export const reconcileLimits: ReconcileLimits = {
  pollWaitingMs: 5_000,
  pollSteadyMs: 30_000,
  pollSoonMs: 1_000,
  pollBackoffMs: 60_000,
  startMs: 120_000,
  silentMs: 10_000,
  drainMs: 600_000,
  exitMs: 10_000,
  cancelMs: 15_000,
  unknownMs: 20_000,
  replaceLeadMs: 120_000,
  drainLeadMs: 50_000,
  failures: 4,
  failureWindowMs: 300_000,
  respawnBackoffMs: 2_000,
  respawnBackoffMaxMs: 120_000,
  submitBackoffMs: 5_000,
  arraySize: 1_000,
  queuedJobs: 10_000,
};
