// Several results of one call, as opposed to one result that is a list. Users' functions call this
// where they run, so nothing else is loaded here.
const brand = Symbol.for("acme.tuple");

/**
 * Several results of one call: each becomes a dataset of its own, `result_0`, `result_1`, … A plain
 * list does so only if there is an array in it; a list of numbers is one dataset.
 *
 * @param results - the results, in order
 * @returns the same as a list, which is what a caller in memory gets
 * @example
 * ```ts
 * const meanAndCount = (xs: number[]) => tuple(mean(xs), xs.length);
 * await new ParallelMap(meanAndCount, each(subjects)).compute(); // result_0 and result_1
 * ```
 */
export function tuple<const T extends readonly unknown[]>(...results: T): T {
  return Object.defineProperty(results, brand, { value: true }) as T;
}

/** Whether a list was made by {@link tuple}, by any copy of this package. */
export const isTuple = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && brand in value;
