// Every bound of parallel maps by name; the units are in the names. Bounds of clients and graphs
// are in the package's limits.ts.

export const mapLimits = Object.freeze({
  /** Characters of a function's name in file names. */
  nameChars: 100,
  /** Failures whose errors are kept and attached; further ones are counted and numbered. */
  failuresKept: 100,
  /** Failures in failures.json. */
  failuresWritten: 10_000,
  /** Failures that are told in full by a message. */
  failuresTold: 5,
  /** Characters of the arguments, and lines of the stack, of a failure in a message. */
  argumentsChars: 200,
  stackLines: 12,
  /** Wait before the second attempt of a call, how it grows, and how far. */
  backoffMs: 500,
  backoffFactor: 2,
  backoffMaxMs: 60_000,
  /** How much more memory is asked for after an attempt died for want of it. */
  memoryFactor: 2,
  /** Longest time limit of a call: what a timer can wait. */
  timeLimitMaxMs: 2 ** 31 - 1,
  /** Names of fallback files in the note at the end. */
  fallbacksTold: 5,
  /** How often the slots of a cluster are counted, while there are none, and when that is told. */
  slotsMs: 10_000,
  firstSlotsMs: 500,
  noWorkersMs: 3_000,
  /** Redraws of the bar on a terminal, and lines of progress elsewhere. */
  barMs: 100,
  lineMs: 10_000,
  barColumnsMax: 100,
  /** Results whose files become durable together, their bytes, and how long the first one waits. */
  filesTogether: 64,
  bytesTogether: 2 ** 22,
  togetherMs: 50,
  /** Bytes of a stacked array that are put together at a time, and files that are looked at. */
  stackBytes: 2 ** 26,
  filesLookedAt: 32,
  /** Bytes of the log of one attempt of a call, and characters of it in reports and on terminals. */
  logBytes: 1_000_000,
  logTailChars: 4_000,
  logShownChars: 64_000,
  /** Seeds of runs are whole numbers below this. */
  seeds: 2 ** 32,
  /** Combinations that grid() makes; they are all in memory. */
  gridCombinations: 1_000_000,
  /** Bytes of what all calls share, with the function, that are worth a warning. */
  sharedToldBytes: 50_000_000,
  /** For an answer on a terminal, after which the question answers itself. */
  answerMs: 120_000,
  /** Run folders in one place that are worth a word. */
  runFoldersTold: 20,
  /** Names tried for a new run folder or temporary file. */
  namesTried: 16,
});
