// A handle on the result of a task. Deliberately not thenable: an `await` that fetches gigabytes
// by accident is worse than a call of `result()`.

import type { InspectOptions } from "node:util";
import type { TaskKey } from "@acme/protocol";

import type { FutureStatus } from "./core/index.js";
import { FutureUseError } from "./errors.js";
import { RemoteValue } from "./graph/references.js";
import type { FutureRecord } from "./shell/future-record.js";
import { limited, type WaitOptions } from "./shell/limited.js";
import type { Session } from "./shell/session.js";
import type { Submission } from "./shell/submission.js";
import { failureOf, openValue, valueOfRecord } from "./values.js";

/** What a future holds on to; shared with the registry that releases forgotten futures. */
class Hold {
  readonly session: Session;
  readonly submission: Submission;
  readonly index: number;
  released = false;

  constructor(session: Session, submission: Submission, index: number) {
    this.session = session;
    this.submission = submission;
    this.index = index;
  }

  get record(): FutureRecord | undefined {
    return this.submission.records?.[this.index];
  }

  release(): void {
    if (this.released) return;
    this.released = true;
    const { record } = this;
    if (record !== undefined) this.session.release(record);
    else this.submission.releasedEarly.push(this.index);
  }
}

const forgotten = new FinalizationRegistry<Hold>((hold) => hold.release());

/**
 * The result of a task, here or still to come. Give it as an argument to other tasks; read it with
 * {@link Future.result}. A future that is released or forgotten lets the cluster free its value.
 *
 * @example
 * ```ts
 * const total = client.submit((a: number, b: number) => a + b, [1, 2]);
 * const twice = client.submit((x: number) => 2 * x, [total]);
 * await twice.result(); // 6
 * ```
 */
export class Future<T = unknown> extends RemoteValue {
  readonly #hold: Hold;
  declare private readonly resultType: T;

  /** @internal Futures are made by clients. */
  constructor(session: Session, submission: Submission, index: number) {
    super();
    this.#hold = new Hold(session, submission, index);
    forgotten.register(this, this.#hold, this.#hold);
  }

  /**
   * Key of the task. Unless `key` or `pure: false` was given it is a hash of function and
   * arguments, known a moment after the call: see {@link Future.submitted}.
   *
   * @throws FutureUseError while it is not known
   */
  get key(): string {
    const key = this.#key;
    if (key !== undefined) return key;
    throw new FutureUseError(
      "this call has no key yet: it is being packed; `await future.submitted()`, or give `key`",
    );
  }

  /** `pending`, `finished`, `error`, `cancelled`, or `lost` while a lost value is computed again. */
  get status(): FutureStatus {
    if (this.#hold.submission.hasFailed) return "error";
    return this.#hold.record?.status ?? "pending";
  }

  /** True if nothing more will happen by itself. */
  get isDone(): boolean {
    return this.#hold.submission.hasFailed || this.#hold.record?.isSettled === true;
  }

  /** True once {@link Future.release} was called. */
  get isReleased(): boolean {
    return this.#hold.released;
  }

  /**
   * Resolves with the key when the call is packed. Large arrays among its arguments may be written
   * to from then on, not before.
   *
   * @throws FunctionShipError if function or arguments cannot be sent
   */
  async submitted(): Promise<string> {
    await this.#hold.submission.named;
    return this.key;
  }

  /** @internal Resolves when the call was handed over, or cannot be: its key alone comes sooner. */
  async handedOver(): Promise<void> {
    await this.#hold.submission.done;
  }

  /**
   * Waits for the value and fetches it. Each call decodes a copy of its own.
   *
   * @throws what the function threw, with its remote stack; CancelledError, KilledWorker,
   *   LostDataError, FunctionShipError; WaitTimeoutError or the signal's reason, in which case the
   *   task goes on
   */
  result(options: WaitOptions = {}): Promise<T> {
    return limited(this.#result(), () => `the result of ${this.describe()}`, options);
  }

  /**
   * Waits until the task is done; gives its error, undefined if it has none.
   *
   * @throws CancelledError; WaitTimeoutError or the signal's reason
   */
  exception(options: WaitOptions = {}): Promise<Error | undefined> {
    return limited(this.#exception(), () => `the end of ${this.describe()}`, options);
  }

  /** Waits until the task is done in whatever way; fetches nothing and throws no error of it. */
  wait(options: WaitOptions = {}): Promise<void> {
    return limited(this.#settled(), () => `the end of ${this.describe()}`, options);
  }

  /**
   * Gives the task up; it is stopped if nobody else wants it.
   *
   * @param options - `force`: also for other clients that want it
   */
  async cancel(options: { readonly force?: boolean | undefined } = {}): Promise<void> {
    await this.#hold.submission.done;
    if (this.#hold.submission.hasFailed || this.#hold.released) return;
    this.#hold.session.cancel([this.key as TaskKey], options.force ?? false);
  }

  /** Runs a failed task once more. */
  async retry(): Promise<void> {
    const key = await this.submitted();
    await this.#hold.session.call({ op: "retry", keys: [key], client: this.#hold.session.id });
  }

  /** Says that this handle is not needed any more. The last one lets the cluster free the value. */
  release(): void {
    forgotten.unregister(this.#hold);
    this.#hold.release();
  }

  /** Releases at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.release();
  }

  [Symbol.for("nodejs.util.inspect.custom")](_depth: number, options: InspectOptions): string {
    const colour = { finished: 32, error: 31, cancelled: 33, lost: 33, pending: 36 }[this.status];
    const status = options.colors ? `\u001b[${colour}m${this.status}\u001b[39m` : this.status;
    return `Future <${status}, ${this.#key ?? "being packed"}>`;
  }

  describe(): string {
    return this.#key ?? "a future that is being packed";
  }

  /** @internal Its key for use as an argument, or what has to end before it has one. */
  keyFor(session: Session): string | Promise<void> {
    const { submission, released } = this.#hold;
    if (this.#hold.session !== session) {
      throw new FutureUseError(`${this.describe()} belongs to another client: gather it first`);
    }
    if (released) throw new FutureUseError(`${this.describe()} was released and cannot be used`);
    if (submission.hasFailed) throw submission.failure;
    return this.#key !== undefined && submission.isNamed ? this.#key : submission.named;
  }

  /** @internal */
  get session(): Session {
    return this.#hold.session;
  }

  /** @internal */
  get record(): FutureRecord | undefined {
    return this.#hold.record;
  }

  /** @internal Resolves when there is a record. @throws what kept the call from being packed */
  async posted(): Promise<FutureRecord> {
    const { submission, released } = this.#hold;
    if (released) throw new FutureUseError(`${this.describe()} was released`);
    await submission.done;
    if (submission.hasFailed) throw submission.failure;
    return this.#hold.record as FutureRecord;
  }

  get #key(): TaskKey | undefined {
    return this.#hold.submission.keys?.[this.#hold.index];
  }

  async #result(): Promise<T> {
    const record = this.record ?? (await this.posted());
    if (this.isReleased) throw new FutureUseError(`${record.key} was released`);
    const value = await valueOfRecord(this.#hold.session, record);
    return (await openValue(value)) as T;
  }

  async #exception(): Promise<Error | undefined> {
    await this.#settled();
    const { failure, hasFailed } = this.#hold.submission;
    if (hasFailed) return failure as Error;
    const { record } = this.#hold;
    if (record?.status === "finished") return undefined;
    const error = failureOf(record as FutureRecord);
    if (record?.status === "error") return error;
    throw error;
  }

  async #settled(): Promise<void> {
    await this.#hold.submission.done;
    const { record } = this.#hold;
    if (record === undefined || record.isSettled) return;
    await new Promise<void>((resolve) => {
      const stop = record.watch(() => {
        if (!record.isSettled) return;
        stop();
        resolve();
      });
    });
  }
}
