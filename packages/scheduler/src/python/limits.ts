// Every bound of asking Python; who is asked, and how often, is bounded in the core, and the
// processes themselves in the python package.
export const unfoldLimits = Object.freeze({
  /** Names remembered that Python could import. */
  knownNames: 10_000,
  /** For the layout of a shuffle. */
  layoutMs: 120_000,
  /** For one answer of a worker: a large graph is unfolded as a whole before the first. */
  answerMs: 900_000,
});
