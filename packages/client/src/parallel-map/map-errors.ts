// What can go wrong with a map as a whole, and with one result where it is written. Errors of the
// user's own function are inside these, as they were thrown.
import { AcmeError } from "@acme/protocol";

/** One call that failed. */
export interface MapFailure {
  readonly index: number;
  /** The arguments of the call. */
  readonly args: readonly unknown[];
  /** What the function threw where it ran, at the last attempt, with its remote stack. */
  readonly error: Error;
  /** How often it was tried. */
  readonly attempts: number;
  /** Address of the worker of the last attempt; empty if it is not known. */
  readonly worker: string;
  readonly host: string;
  /** Id of the batch system's job; empty without one. */
  readonly jobId: string;
  /** The last that the call wrote. */
  readonly logTail: string;
}

/**
 * Some calls of a map failed; all others are done, unless `onError` is `"fail-fast"`, and their
 * files stay where they are.
 *
 * @example
 * ```ts
 * try {
 *   await pmap.compute();
 * } catch (error) {
 *   if (isAcmeError(error, "MAP_FAILED")) console.error(error.message);
 * }
 * ```
 */
export class MapError extends AcmeError {
  readonly code = "MAP_FAILED";
  /** The first failures, by index of the call. Not shown when the error is printed. */
  declare readonly failures: readonly MapFailure[];
  /**
   * What `compute()` would have given, with undefined (values) or null (paths) in the places of
   * calls that have no result. Not shown when the error is printed; empty from `run()`.
   */
  declare readonly partial: readonly unknown[];
  /** Every failed call. */
  readonly failedIndexes: readonly number[];
  /** How many calls there were. */
  readonly count: number;
  /** The container with the good results; undefined when results stay in memory. */
  readonly resultsContainer: string | undefined;

  constructor(
    message: string,
    facts: Pick<MapError, "failures" | "failedIndexes" | "count" | "resultsContainer">,
    partial: readonly unknown[] = [],
  ) {
    super(message, { cause: facts.failures[0]?.error });
    // The message tells the first few; all, with stacks, would push it off the screen.
    Object.defineProperty(this, "failures", { value: facts.failures, enumerable: false });
    Object.defineProperty(this, "partial", { value: partial, enumerable: false });
    this.failedIndexes = facts.failedIndexes;
    this.count = facts.count;
    this.resultsContainer = facts.resultsContainer;
  }

  /** @internal The same error, with the results that there are. */
  withPartial(partial: readonly unknown[]): MapError {
    return new MapError(this.message, this, partial);
  }
}

/** A run was given up by whoever took its outcomes. */
export class ClosedRunError extends AcmeError {
  readonly code = "RUN_CLOSED";

  constructor() {
    super("this run of a map was left before its end: what was not done is cancelled");
  }
}

/** Somebody pressed Ctrl-C, or a signal asks the process to end: what went on was given up. */
export class InterruptedError extends AcmeError {
  readonly code = "INTERRUPTED";
  readonly signalName: string;

  constructor(signalName: string) {
    super(`cancelled by ${signalName === "SIGINT" ? "Ctrl-C" : signalName}`);
    this.signalName = signalName;
  }
}

/** Results of an earlier run are where this one would write. */
export class OutputExistsError extends AcmeError {
  readonly code = "OUTPUT_EXISTS";
  readonly path: string;

  constructor(path: string) {
    super(
      `${path} is there already and would be mixed with new results: ` +
        "give another outputDir, or move it away",
    );
    this.path = path;
  }
}

/** The folder for results cannot be made. */
export class OutputFolderError extends AcmeError {
  readonly code = "OUTPUT_FOLDER";
  readonly path: string;

  constructor(path: string, why: string, cause: unknown) {
    super(`Cannot make the folder ${path} for results: ${why}. Give another outputDir.`, { cause });
    this.path = path;
  }
}

/** A result does not have the shape that `resultShape` promises; nothing of it was written. */
export class ResultShapeError extends AcmeError {
  readonly code = "RESULT_SHAPE";
  readonly index: number;
  readonly expected: string;
  readonly got: string;

  constructor(index: number, expected: string, got: string) {
    super(
      `the result of call ${index} has shape ${got}, but resultShape asks for ${expected} ` +
        "per call: return that, or correct resultShape",
    );
    this.index = index;
    this.expected = expected;
    this.got = got;
  }
}

/** A result cannot be stored as it was asked for; nothing of it was written. */
export class ResultValueError extends AcmeError {
  readonly code = "RESULT_VALUE";
  readonly index: number;

  constructor(index: number, why: string, cause: unknown) {
    super(`the result of call ${index} cannot be stored: ${why}`, { cause });
    this.index = index;
  }
}
