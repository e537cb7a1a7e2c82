// Requests that wait for a core to answer, as promises by number. Knows nothing of what they ask.
// Every shell has one, because a core answers in a later turn than it is asked.
import { AcmeError, type PythonException } from "@acme/protocol";

/** Number of a request that waits for a core's answer. */
type RequestId = number;

/** A core's answer; `error` becomes dask's uncaught-error reply. */
export type ParkedReply =
  | { readonly requestId: RequestId; readonly reply: unknown }
  | {
      readonly requestId: RequestId;
      readonly error: string;
      readonly raises?: PythonException | undefined;
    };

/** A core refused a request; the message says why and what to do. */
export class RequestRefusedError extends AcmeError {
  readonly code = "REQUEST_REFUSED";
  /** What a Python client raises; undefined: any error will do. */
  readonly raises: PythonException | undefined;

  constructor(message: string, raises?: PythonException) {
    super(message);
    this.raises = raises;
  }
}

interface Waiting {
  resolve: (reply: unknown) => void;
  reject: (error: Error) => void;
}

/** Promises by request number, for a shell whose core answers later. */
export class ParkedReplies {
  readonly #waiting = new Map<RequestId, Waiting>();
  readonly #settled = new Map<RequestId, () => void>();
  #last = 0;

  next(): RequestId {
    this.#last += 1;
    return this.#last;
  }

  /** Resolves when the core answers this request. */
  wait(requestId: RequestId): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.set(requestId, { resolve, reject }));
  }

  /** Calls back within the turn in which the core answers, before any message of that step. */
  onReply(requestId: RequestId, answered: Waiting): void {
    this.#waiting.set(requestId, answered);
  }

  /** Calls back when the request is answered or forgotten. */
  onSettled(requestId: RequestId, settled: () => void): void {
    this.#settled.set(requestId, settled);
  }

  answer(reply: ParkedReply): void {
    const waiting = this.#waiting.get(reply.requestId);
    if (waiting === undefined || !this.forget(reply.requestId)) return;
    if ("error" in reply) waiting.reject(new RequestRefusedError(reply.error, reply.raises));
    else waiting.resolve(reply.reply);
  }

  /** Nobody reads the answer any more; false if it was answered already. */
  forget(requestId: RequestId): boolean {
    this.#settled.get(requestId)?.();
    this.#settled.delete(requestId);
    return this.#waiting.delete(requestId);
  }

  rejectAll(message: string): void {
    for (const { reject } of this.#waiting.values()) reject(new RequestRefusedError(message));
    this.#waiting.clear();
  }
}
