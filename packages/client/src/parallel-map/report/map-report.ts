// What there is to tell of a run, kept up to date while it runs: counts, and the failures with all
// that is known of them. How it is shown, others decide.
import type { MapFailure } from "../map-errors.js";
import { mapLimits } from "../map-limits.js";

/** How a run is or was. */
export interface MapReport {
  readonly status: "waiting" | "running" | "complete" | "failed" | "cancelled";
  /** Calls; Infinity while the inputs have not told how many they are. */
  readonly total: number;
  /** Calls with a result, those of earlier runs included. */
  readonly done: number;
  readonly failed: number;
  /** Results that were there from an earlier run. */
  readonly resumed: number;
  /** Attempts that failed and were followed by another. */
  readonly retried: number;
  /** The first failures that happened, with everything known of them. */
  readonly failures: readonly MapFailure[];
  /** Every failed call, in the order of their ends. */
  readonly failedIndexes: readonly number[];
  readonly elapsedMs: number;
}

export class RunningReport implements MapReport {
  status: MapReport["status"] = "waiting";
  total: number;
  done = 0;
  resumed = 0;
  retried = 0;
  readonly failures: MapFailure[] = [];
  readonly failedIndexes: number[] = [];
  #startMs = performance.now();
  #endMs: number | undefined;

  constructor(total: number) {
    this.total = total;
  }

  get failed(): number {
    return this.failedIndexes.length;
  }

  get elapsedMs(): number {
    return (this.#endMs ?? performance.now()) - this.#startMs;
  }

  begin(): void {
    this.status = "running";
    this.#startMs = performance.now();
  }

  fail(failure: MapFailure): void {
    if (this.failures.length < mapLimits.failuresKept) this.failures.push(failure);
    this.failedIndexes.push(failure.index);
  }

  end(status: "complete" | "failed" | "cancelled"): void {
    this.#endMs = performance.now();
    this.status = status;
    this.total = status === "complete" ? this.done + this.failed : this.total;
  }
}
