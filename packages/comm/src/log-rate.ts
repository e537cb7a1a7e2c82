// Keeps a flood of log entries from filling a disk: of each kind so many in a while, then one that
// says how many more there were. It must not know where entries go.
import { type CommLimits, commLimits } from "./limits.js";

interface Budget {
  windowEndsMs: number;
  used: number;
  /** Entries left out since the window began. */
  leftOut: number;
  timer: NodeJS.Timeout | undefined;
}

/** Where entries go that pass, and where is said how many did not. */
export interface RateOptions<E> {
  readonly write: (entry: E) => void;
  readonly sumUp: (event: string, message: string) => void;
  readonly limits?: Partial<Pick<CommLimits, "logEntries" | "logWindowMs">> | undefined;
}

/**
 * Passes entries on until one kind (`event`) has used up its budget of a window; what is left out
 * is summed up in one line at the window's end.
 *
 * @param options - takes the entries that pass, and the sums
 * @example
 * ```ts
 * const onLog = limitRate<CommLogEntry>({
 *   write: (entry) => logger[entry.level](entry.message),
 *   sumUp: (event, message) => logger.warn({ event }, message),
 * });
 * ```
 */
export function limitRate<E extends { readonly event: string }>(
  options: RateOptions<E>,
): (entry: E) => void {
  const { write, sumUp } = options;
  const { logEntries, logWindowMs } = { ...commLimits, ...options.limits };
  const budgets = new Map<string, Budget>();
  const end = (event: string, { leftOut, timer }: Budget): void => {
    clearTimeout(timer);
    budgets.delete(event);
    if (leftOut === 0) return;
    sumUp(event, `${leftOut} more like this in ${logWindowMs / 1000} s were not logged`);
  };
  return (entry) => {
    const { event } = entry;
    const nowMs = performance.now();
    const known = budgets.get(event);
    if (known !== undefined && nowMs >= known.windowEndsMs) end(event, known);
    const budget = budgets.get(event) ?? {
      windowEndsMs: nowMs + logWindowMs,
      used: 0,
      leftOut: 0,
      timer: undefined,
    };
    budgets.set(event, budget);
    budget.used += 1;
    if (budget.used <= logEntries) write(entry);
    else {
      budget.leftOut += 1;
      budget.timer ??= setTimeout(() => end(event, budget), budget.windowEndsMs - nowMs).unref();
    }
  };
}
