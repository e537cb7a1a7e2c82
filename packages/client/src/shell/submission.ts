// Calls on their way to the scheduler: first without keys, then with keys, then posted, when each
// has its record. Futures look here until then. A call that cannot be packed ends here.
import type { TaskKey } from "@acme/protocol";
import type { FutureRecord } from "./future-record.js";

export class Submission {
  /** Known as soon as the calls are packed, or from the start when they do not depend on content. */
  keys: readonly TaskKey[] | null;
  /** One per call, once the calls are posted to the core. */
  records: readonly FutureRecord[] | null = null;
  /** Why the calls could not be packed. */
  failure: unknown = null;
  /** Keys are known and the calls stand in line; rejects if they cannot be packed. */
  readonly named: Promise<void>;
  /** Posted or failed; never rejects. */
  readonly done: Promise<void>;
  isNamed = false;
  /** Calls that were released before they were posted. */
  readonly releasedEarly: number[] = [];
  #markDone = (): void => {};
  #markNamed = (): void => {};
  #rejectNamed = (_error: unknown): void => {};

  constructor(keys: readonly TaskKey[] | null) {
    this.keys = keys;
    this.done = new Promise((resolve) => {
      this.#markDone = resolve;
    });
    this.named = new Promise((resolve, reject) => {
      this.#markNamed = resolve;
      this.#rejectNamed = reject;
    });
    // Nobody may be waiting; the futures tell.
    this.named.catch(() => {});
  }

  /** For keys the scheduler knows already. */
  static ofRecords(records: readonly FutureRecord[]): Submission {
    const submission = new Submission(records.map((record) => record.key));
    submission.markNamed(submission.keys as readonly TaskKey[]);
    submission.markPosted(records);
    return submission;
  }

  get hasFailed(): boolean {
    return this.failure !== null;
  }

  markNamed(keys: readonly TaskKey[]): void {
    this.keys = keys;
    this.isNamed = true;
    this.#markNamed();
  }

  markPosted(records: readonly FutureRecord[]): void {
    this.records = records;
    this.#markDone();
  }

  fail(failure: unknown): void {
    this.failure = failure ?? new Error("packing failed without a reason");
    this.#rejectNamed(this.failure);
    this.#markDone();
  }
}
