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
});
