// Results of calls that are written but not yet safe: a report tells of them only when they are. What
// makes them safe, and what it costs, the store knows.
import { encodeError } from "@acme/serialize";
import type { CallFailure, ResultStore } from "./run-each.js";

/** A store that keeps what it was given back, until there is more of it. */
export interface BatchedStore extends ResultStore {
  /** Enough is waiting, or it has waited long enough. */
  readonly isDue: boolean;
  /** What became of each value since the last time, in the order of `put`. */
  flush(): Promise<readonly PromiseSettledResult<unknown>[]>;
}

/** What grows of a report. */
interface Draft {
  readonly values: unknown[];
  readonly failures: CallFailure[];
}

export class HeldResults {
  readonly #store: BatchedStore | undefined;
  readonly #report: Draft;
  #held: { readonly at: number; readonly logTail: string }[] = [];

  constructor(store: ResultStore | undefined, report: Draft) {
    this.#store = store !== undefined && isBatched(store) ? store : undefined;
    this.#report = report;
  }

  /** The store has the value of this call. */
  add(at: number, logTail: string): void {
    this.#held.push({ at, logTail });
  }

  /** Has those settle that it is time for. */
  async settleDue(): Promise<void> {
    if (this.#store?.isDue) await this.settle();
  }

  /** Has all settle. */
  async settle(): Promise<void> {
    if (this.#store === undefined) return;
    const held = this.#held;
    this.#held = [];
    const outcomes = await this.#store.flush();
    const { values, failures } = this.#report;
    for (const [k, { at, logTail }] of held.entries()) {
      const outcome = outcomes[k] as PromiseSettledResult<unknown>;
      values[at] = outcome.status === "fulfilled" ? outcome.value : null;
      if (outcome.status === "fulfilled") continue;
      failures.push({ at, error: encodeError(outcome.reason).frames, logTail });
    }
  }
}

const isBatched = (store: ResultStore): store is BatchedStore => "flush" in store;
