// Every bound of a run's records by name; the units are in the names.
// Bounds of the map that is recorded are in map-limits.ts.

export const recordLimits = Object.freeze({
  /** How long lines of the journal wait for others. */
  manifestBatchMs: 100,
  /** Inputs that take more are not kept; a run with such goes on only where they are made again. */
  inputsKeptBytes: 2 ** 28,
  /** Calls whose arguments are encoded at a time when they are compared one by one. */
  rowsCompared: 1_000,
  /** Files that are looked at at a time. */
  filesAtOnce: 32,
  /** How often a run says that it is alive, and looks whether its folder still is. */
  heartbeatMs: 10_000,
  /** A run on another host that has not said so for this long is taken for dead. */
  silentMs: 120_000,
  /** Tries to become the owner of a run while others try the same. */
  claims: 16,
  /** How long a failed call waits for a look at the folder that others asked for just before. */
  lookMs: 500,
  /** How long workers may take to say whether they see the folder. */
  visibleMs: 5_000,
  /** Workers that are asked; with more, one on each host. */
  workersAsked: 64,
  /** Failed calls that get a file with their error. */
  errorFiles: 1_000,
  /** How long git may take to tell the commit. */
  gitMs: 3_000,
});
