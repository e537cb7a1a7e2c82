// A promise with an end: a signal or a time limit stops the waiting, never the work. It must not
// know what is waited for.
import { WaitTimeoutError } from "../errors.js";
import { onAbort } from "./abort-listeners.js";

export interface WaitOptions {
  /** Stops waiting; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds to wait at most; default: no limit. */
  readonly timeoutMs?: number | undefined;
}

/**
 * @param what - told when the time is over: a key may be known by then
 * @throws WaitTimeoutError, or the reason of the signal
 */
export function limited<T>(work: Promise<T>, what: () => string, options: WaitOptions): Promise<T> {
  const { signal, timeoutMs } = options;
  if (signal === undefined && timeoutMs === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    let stop = (): void => {};
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => end(() => reject(new WaitTimeoutError(what(), timeoutMs))), timeoutMs);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      stop();
      settle();
    };
    work.then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
    if (signal !== undefined) stop = onAbort(signal, () => end(() => reject(signal.reason)));
  });
}
