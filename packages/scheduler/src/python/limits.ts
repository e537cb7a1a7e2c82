// Every bound of unfolding graphs by Python; those of the processes themselves are the python
// package's.
export const unfoldLimits = Object.freeze({
  /** Workers that may fail at one graph before it is given up. */
  workersTried: 4,
  /** For a worker to be there, when nobody else could unfold a graph. */
  workerWaitMs: 30_000,
  /** Between two looks for one. */
  workerLookMs: 50,
  /** For the layout of a shuffle. */
  layoutMs: 120_000,
  /** For one answer: a large graph is unfolded as a whole before the first. */
  answerMs: 900_000,
});
