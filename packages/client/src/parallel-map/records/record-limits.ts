// Every bound of a run's records by name; the units are in the names.
// Bounds of the map that is recorded are in map-limits.ts.

export const recordLimits = Object.freeze({
  /** How long lines of the journal wait for others. */
  manifestBatchMs: 100,
});
