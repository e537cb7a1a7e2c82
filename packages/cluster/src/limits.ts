// Every bound of this package by name.

export const clusterLimits = Object.freeze({
  /** For a worker that is scaled away: to finish, and to hand over what only it holds. */
  leaveGraceMs: 30_000,
  /** For workers of a cluster that ends as a whole. */
  closeGraceMs: 500,
});
