// Every bound of programs that run as tasks, by name.
// Bounds of the maps that they are calls of belong to those.
const KiB = 2 ** 10;
const MiB = 2 ** 20;

export const programLimits = Object.freeze({
  /** What a program may write to its standard output, if that is its result. */
  outputBytes: 256 * MiB,
  /** The end of what it writes to standard error is kept this long, for the error of its call. */
  errorTailBytes: 16 * KiB,
  /** Lines of that which a message shows. */
  errorTailLines: 20,
  /** Between SIGTERM and SIGKILL for a cancelled call; its executor has 500 ms altogether. */
  cancelGraceMs: 300,
  /** The same for one whose time is over. */
  timeLimitGraceMs: 5_000,
  /** What a program leaves behind in its group, such as a `tee`, may go on writing this long. */
  leftoverMs: 2_000,
  /** Characters of an output that a message shows. */
  outputShown: 200,
  /** Characters of a program's arguments that a message shows. */
  wordsShown: 600,
});
