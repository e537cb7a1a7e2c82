// Every bound of this package by name: sizes that Python's answers may have, and times that its
// processes may take. Those of pickles stand beside the reader of pickles.
const MiB = 2 ** 20;

export const pythonLimits = Object.freeze({
  /** Pieces in one answer of Python: a head and buffers of one slab of tasks. */
  pieces: 1_000_000,
  /** Bytes of one answer: a slab with the buffers that are new in it. */
  answerBytes: 16_384 * MiB,
  /** Bytes of the graph of one task that is read without Python. */
  quickBytes: 64 * 1024,
  /** For a helper process to import dask; a cold disk is slow. */
  helperStartMs: 120_000,
  /** For it to give one answer: a large graph is unfolded as a whole before the first. */
  helperAnswerMs: 900_000,
  /** Starts within so much time, above which it is left alone. */
  helperDeaths: 10,
  helperDeathsMs: 300_000,
  /** Before it is started again after it could not be. */
  helperRetryMs: 20_000,
  /** Characters kept of what it writes to standard error. */
  lastWords: 4096,
});
