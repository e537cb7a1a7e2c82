// Every bound of this package by name.
// Bounds of one process (its queues, retries, messages) belong to the packages that run in it.

export const clusterLimits = Object.freeze({
  /** For a worker that is scaled away: to finish, and to hand over what only it holds. */
  leaveGraceMs: 30_000,
  /** Beyond that, until its nanny kills it. */
  leaveExtraMs: 3_000,
  /** From the start of a cluster until others can find it: its own start comes first. */
  announceAfterMs: 300,
  /** For workers of a cluster that ends as a whole. */
  closeGraceMs: 500,
  /** Seconds after which a Python worker without scheduler gives up. */
  pythonDeathSeconds: 60,
  /** For Python workers of a cluster that ends, until they are killed. */
  pythonCloseMs: 10_000,
  /** Times in a row that Python workers which ended by themselves are started again. */
  pythonRestarts: 3,
  /** A run of Python workers that took longer does not count among those. */
  pythonSteadyMs: 60_000,
  /** Before they are started again. */
  pythonRestartPauseMs: 1_000,
  /** Of what Python workers said last, for the message that they ended. */
  pythonTailCharacters: 2_000,
});
