// One run of a map as its user sees it: outcomes as they come, a report at any time. It begins with
// the first outcome asked for, and what is not wanted any more is cancelled.
import { ClosedRunError } from "../map-errors.js";
import type { MapReport } from "../report/map-report.js";
import type { CallResult, Output } from "../types.js";
import { OutcomeBuffer } from "./outcome-buffer.js";
import { type MapPlan, RunningMap } from "./running-map.js";

/**
 * The outcomes of a map as they come, in no order; made by {@link ParallelMap.run}.
 *
 * @example
 * ```ts
 * const run = new ParallelMap(simulate, seeds).run({ output: "memory", onError: "continue" });
 * for await (const call of run) {
 *   if (call.status === "done") console.log(call.index, call.value);
 * }
 * console.log(run.report.failed, "failed");
 * ```
 */
export class MapRun<R, O extends Output = "files">
  implements AsyncIterableIterator<CallResult<R, O>, undefined>
{
  readonly #map: RunningMap;
  readonly #buffer: OutcomeBuffer<CallResult<R, O>>;
  readonly #left = new AbortController();
  #driving: Promise<void> | undefined;

  /** @internal */
  constructor(plan: MapPlan) {
    this.#map = new RunningMap(plan);
    this.#buffer = new OutcomeBuffer((count) => this.#map.taken(count));
  }

  /** How far it is, and what failed; as of now, whenever it is read. */
  get report(): MapReport {
    return this.#map.report;
  }

  /** Path of the HDF5 container; undefined before it is there, and with `output: "memory"`. */
  get resultsContainer(): string | undefined {
    return this.#map.resultsContainer;
  }

  /**
   * The next outcome. The first call begins the run.
   *
   * @throws MapError after the last outcome, if calls failed and `onError` is not `"continue"`; the
   *   signal's reason; what `ParallelMap.compute` throws
   */
  next(): Promise<IteratorResult<CallResult<R, O>, undefined>> {
    this.#driving ??= this.#drive();
    return this.#buffer.next();
  }

  /** Cancels what is not done; a loop that is left calls it. Resolves when all is in order. */
  async return(): Promise<IteratorResult<CallResult<R, O>, undefined>> {
    this.#left.abort(new ClosedRunError());
    await this.#driving;
    this.#driving ??= Promise.resolve();
    this.#buffer.end();
    return { done: true, value: undefined };
  }

  /** Cancels what is not done, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** @internal What `compute` gives, from what every call came to. */
  async conclusion(results: readonly unknown[]): Promise<unknown> {
    return this.#map.conclusion(results);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #drive(): Promise<void> {
    try {
      await this.#map.drive(this.#left.signal, (results) => {
        this.#buffer.push(results as readonly CallResult<R, O>[]);
      });
      this.#buffer.end();
    } catch (error) {
      this.#buffer.end({ error });
    }
  }
}
