// A promise with an end: a signal or a time limit stops the waiting, never the work.
import { WaitTimeoutError } from "../errors.js";

export interface WaitOptions {
  /** Stops waiting; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds to wait at most; default: no limit. */
  readonly timeoutMs?: number | undefined;
}

/** @throws WaitTimeoutError, or the reason of the signal */
export function limited<T>(work: Promise<T>, what: string, options: WaitOptions): Promise<T> {
  const { signal, timeoutMs } = options;
  if (signal === undefined && timeoutMs === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => end(() => reject(signal?.reason));
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => end(() => reject(new WaitTimeoutError(what, timeoutMs))), timeoutMs);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      settle();
    };
    work.then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
}
