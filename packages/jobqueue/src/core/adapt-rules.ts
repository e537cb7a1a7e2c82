// Within which bounds a cluster follows its work, and how eagerly. Every number that a user may give
// to `adapt` is one of these.

export interface AdaptRules {
  readonly minimumJobs: number;
  readonly maximumJobs: number;
  /** Between two questions to the scheduler. */
  readonly intervalMs: number;
  /** So many answers in a row must wish for fewer jobs before any that run leave. */
  readonly waitCount: number;
  /** The work at hand should be done in about this time. */
  readonly targetDurationMs: number;
  /** After growing nothing that runs leaves for so long. */
  readonly cooldownMs: number;
  /**
   * Jobs may wait in the queue for so long before it counts as slow, when no more are submitted;
   * and so long they stay there after they seem to be needed no more.
   */
  readonly patienceMs: number;
}

export const adaptDefaults: AdaptRules = Object.freeze({
  minimumJobs: 0,
  maximumJobs: Number.POSITIVE_INFINITY,
  intervalMs: 1_000,
  waitCount: 3,
  targetDurationMs: 5_000,
  cooldownMs: 10_000,
  patienceMs: 60_000,
});
