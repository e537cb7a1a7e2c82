// Bounds of the map's core by name; the units are in the names. What users may change is in
// rules.ts.

export const mapCoreLimits = Object.freeze({
  /** Calls on their way at a time, at least and per slot, unless the user says so. */
  inFlight: 10_000,
  inFlightPerSlot: 8,
  /** The source is asked again when that share of what is allowed is free. */
  refillShare: 0.25,
  /** Calls that are sent before any has ended, each alone, to learn how long they take … */
  pilotCalls: 16,
  /**
   * … and how long the others wait for that. A cluster that is up has work for all its slots
   * meanwhile; workers that come later find more after this time at the latest.
   */
  pilotMs: 2_000,
  /** Ends after which the pilot is over. */
  pilotEnds: 12,
  /** Tasks of small calls on their way, per slot and at least; the next are made by what these tell. */
  tasksPerSlot: 16,
  tasksAtLeast: 32,
  /** A task of several calls is to take about this long; calls of half of it go alone. */
  taskMs: 20,
  taskCalls: 1_000,
  taskBytes: 4 * 2 ** 20,
  /** Durations that are remembered. */
  durations: 31,
  /** Slots of a cluster that has not told. */
  slots: 4,
});
