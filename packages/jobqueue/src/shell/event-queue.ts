// What happens to a cluster, for one reader who takes it at a pace of its own. Bounded: a reader who
// is too slow loses the oldest, and is told how many.
import type { JobReport, News } from "../core/index.js";
import { shellLimits } from "./limits.js";

type WithTime<T> = T extends unknown ? T & { readonly atMs: number } : never;

/** What happens to a cluster of jobs; `atMs` is the time since 1970. */
export type ClusterEvent = WithTime<
  /** The story of a job goes on; why is in its `reason`, `outcome` and `batchState`. */
  | { readonly type: "job"; readonly job: JobReport }
  /** Workers of a job are there, or not any more; or so many jobs are wanted now. */
  | Readonly<Exclude<News, { type: "error" }>>
  /** Nothing is submitted any more, or the scheduler has ended. */
  | {
      readonly type: "error";
      readonly code: Extract<News, { type: "error" }>["code"] | "SCHEDULER_ENDED";
      readonly message: string;
    }
  /** The reader was too slow for so many events that were here. */
  | { readonly type: "missed"; readonly count: number }
>;

export class EventQueue implements AsyncIterableIterator<ClusterEvent, undefined> {
  readonly #onOver: (queue: EventQueue) => void;
  readonly #signal: AbortSignal | undefined;
  #waiting: ClusterEvent[] = [];
  #missed = 0;
  #isOver = false;
  readonly #readers: (() => void)[] = [];

  constructor(onOver: (queue: EventQueue) => void, signal: AbortSignal | undefined) {
    this.#onOver = onOver;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort, { once: true });
    if (signal?.aborted) this.#abort();
  }

  push(event: ClusterEvent): void {
    if (this.#isOver) return;
    this.#waiting.push(event);
    if (this.#waiting.length > shellLimits.eventsWaiting) {
      this.#waiting.shift();
      this.#missed += 1;
    }
    this.#wake();
  }

  /** What is here can still be read. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#onOver(this);
    this.#wake();
  }

  async next(): Promise<IteratorResult<ClusterEvent, undefined>> {
    while (this.#waiting.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => this.#readers.push(resolve));
    }
    const [first] = this.#waiting;
    if (first === undefined) return { done: true, value: undefined };
    if (this.#missed > 0) {
      const count = this.#missed;
      this.#missed = 0;
      return { done: false, value: { type: "missed", count, atMs: first.atMs } };
    }
    this.#waiting.shift();
    return { done: false, value: first };
  }

  async return(): Promise<IteratorResult<ClusterEvent, undefined>> {
    this.#abort();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #abort = (): void => {
    this.#waiting = [];
    this.end();
  };

  #wake(): void {
    for (const resolve of this.#readers.splice(0)) resolve();
  }
}
