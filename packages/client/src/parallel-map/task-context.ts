// What a function may ask about the call that it was made by. Users' functions call this where they
// run, so that nothing else is loaded here; who makes calls publishes the answer.

/** The call that runs; see {@link getTaskContext}. */
export interface TaskContext {
  /** Number of the call: the place of its inputs and of its result, from 0 on. */
  readonly taskId: number;
  /**
   * A whole number below 2^32 for this call alone, to start a random generator with: the same in
   * every attempt and when the run is resumed, another one in each call and each run.
   */
  readonly seed: number;
  /** Aborts when the call is not wanted any more, or its time is over. */
  readonly signal: AbortSignal;
  /** Counted from 1. */
  readonly attempt: number;
  /** Folder of the run's results; undefined where nothing is written. */
  readonly outputDir: string | undefined;
  /** Writes a line to the log of the call, as `console.log` does within a map. */
  log(...values: readonly unknown[]): void;
}

/** Where whoever makes calls keeps the one that runs. */
const callKey = Symbol.for("acme.call");

/**
 * Tells a function about the call that runs it. Outside of a map it is told what a first call would
 * be told, so that a function can be tried by hand.
 *
 * @example
 * ```ts
 * const simulate = (cells: number) => {
 *   const { taskId, seed, log } = getTaskContext();
 *   log(`network ${taskId} of ${cells} cells, seed ${seed}`);
 *   return grow(cells, seed);
 * };
 * await new ParallelMap(simulate, [100, 200, 400]).compute({ seed: 7 });
 * ```
 */
export function getTaskContext(): TaskContext {
  const shared = globalThis as { [callKey]?: { getStore(): TaskContext | undefined } };
  const current = shared[callKey]?.getStore();
  if (current !== undefined) return current;
  return {
    taskId: 0,
    seed: 0,
    signal: new AbortController().signal,
    attempt: 1,
    outputDir: undefined,
    log: (...values) => console.log(...values),
  };
}
