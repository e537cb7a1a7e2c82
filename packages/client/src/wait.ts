// Waiting for many futures: for all, for the first, for each as it comes. No value is fetched
// here.
import type { Future } from "./future.js";
import { limited, type WaitOptions } from "./shell/limited.js";

export interface WaitForOptions extends WaitOptions {
  /** `ALL_COMPLETED` (default), `FIRST_COMPLETED`, or `FIRST_EXCEPTION` (or all without one). */
  readonly returnWhen?: "ALL_COMPLETED" | "FIRST_COMPLETED" | "FIRST_EXCEPTION" | undefined;
}

/** What {@link wait} found. */
export interface WaitResult<F> {
  readonly done: Set<F>;
  readonly notDone: Set<F>;
}

/**
 * Waits until futures are done, whatever came of them. Fetches no values and throws none of their
 * errors.
 *
 * @param futures - of one or several clients
 * @throws WaitTimeoutError, or the reason of the signal
 * @example
 * ```ts
 * const { done, notDone } = await wait(futures, { returnWhen: "FIRST_COMPLETED" });
 * ```
 */
export async function wait<F extends Future>(
  futures: Iterable<F>,
  options: WaitForOptions = {},
): Promise<WaitResult<F>> {
  const all = [...futures];
  const { returnWhen = "ALL_COMPLETED" } = options;
  const each = all.map((future) => future.wait().then(() => future));
  const enough = (): Promise<unknown> => {
    if (returnWhen === "ALL_COMPLETED" || all.length === 0) return Promise.all(each);
    if (returnWhen === "FIRST_COMPLETED") return Promise.race(each);
    return untilException(each);
  };
  await limited(enough(), () => `the end of ${all.length} futures`, options);
  const done = new Set(all.filter((future) => future.isDone));
  return { done, notDone: new Set(all.filter((future) => !done.has(future))) };
}

function untilException(each: readonly Promise<Future>[]): Promise<unknown> {
  return new Promise<void>((resolve) => {
    void Promise.all(each).then(() => resolve());
    for (const one of each) {
      void one.then((future) => {
        if (future.status === "error" || future.status === "cancelled") resolve();
      });
    }
  });
}

/**
 * Gives futures in the order in which they are done. More can be added while it runs.
 *
 * @example
 * ```ts
 * for await (const future of asCompleted(futures)) console.log(await future.result());
 * ```
 */
export function asCompleted<F extends Future>(
  futures: Iterable<F>,
  options: WaitOptions = {},
): CompletionOrder<F> {
  const order = new CompletionOrder<F>(options);
  for (const future of futures) order.add(future);
  return order;
}

/** Futures in the order of their ends; made by {@link asCompleted}. */
export class CompletionOrder<F extends Future> implements AsyncIterableIterator<F> {
  readonly #options: WaitOptions;
  readonly #done: F[] = [];
  #open = 0;
  #wake: (() => void) | null = null;

  /** @internal */
  constructor(options: WaitOptions) {
    this.#options = options;
  }

  /** One more future to wait for. */
  add(future: F): void {
    this.#open += 1;
    const ended = () => {
      this.#done.push(future);
      this.#wake?.();
    };
    void future.wait().then(ended, ended);
  }

  /** @throws WaitTimeoutError if the next takes longer than `timeoutMs`; the signal's reason */
  async next(): Promise<IteratorResult<F, undefined>> {
    if (this.#done.length === 0) {
      if (this.#open === 0) return { done: true, value: undefined };
      const ended = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await limited(ended, () => "the end of another future", this.#options);
    }
    this.#open -= 1;
    return { done: false, value: this.#done.shift() as F };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
