// Every bound of unfolding graphs by Python; those of the processes themselves are the python
// package's.
export const unfoldLimits = Object.freeze({
  /** Failures at one graph before it is given up: each of another worker, or of a new helper. */
  attempts: 6,
  /** Of them the helper's, who starts again each time. */
  helperTries: 3,
  /** For somebody to be there who can unfold a graph. */
  workerWaitMs: 30_000,
  /** Between two looks for one. */
  workerLookMs: 100,
  /** Names remembered that Python could import. */
  knownNames: 10_000,
  /** For the layout of a shuffle. */
  layoutMs: 120_000,
  /** For one answer of a worker: a large graph is unfolded as a whole before the first. */
  answerMs: 900_000,
});
