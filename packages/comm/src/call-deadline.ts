// The two ways a caller ends a call early, a time limit and a signal, as one thing: whatever the
// call waits for at that moment is stopped.
import type { AcmeError } from "@acme/protocol";
import { RpcAbortedError, RpcTimeoutError } from "./errors.js";
import type { CallOptions } from "./rpc-types.js";

export class CallDeadline {
  /** Why the call was ended, once it was. */
  error: AcmeError | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  #timer: NodeJS.Timeout | undefined;
  #stop: ((error: AcmeError) => void) | undefined;

  constructor(address: string, op: string, options: CallOptions) {
    const { timeoutMs, signal } = options;
    this.#signal = signal;
    this.#onAbort = () => this.#fire(new RpcAbortedError(address, op, { cause: signal?.reason }));
    if (timeoutMs !== undefined) {
      const late = (): void => this.#fire(new RpcTimeoutError(address, op, timeoutMs));
      this.#timer = setTimeout(late, timeoutMs);
    }
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** From now on the deadline calls this; at once if it has passed. */
  stops(stop: (error: AcmeError) => void): void {
    this.#stop = stop;
    if (this.error !== undefined) stop(this.error);
  }

  /** The call is over; nothing is stopped any more. */
  end(): void {
    this.#stop = undefined;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }

  #fire(error: AcmeError): void {
    this.error ??= error;
    this.#stop?.(this.error);
  }
}
