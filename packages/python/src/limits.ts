// Every bound of this package by name: sizes that Python's answers may have, and times that it may
// take. What a scheduler allows is the scheduler's.
export const pythonLimits = Object.freeze({
  /** Pieces in one answer of Python: a head and buffers of one slab of tasks. */
  pieces: 1_000_000,
});
