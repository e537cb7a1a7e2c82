// Ways to say how an argument is to be spread over calls, and lists made for it.
// They only hold values; what becomes of them is decided in inputs.ts.
import { ArgumentError } from "../errors.js";
import { mapLimits } from "./map-limits.js";

/** Values that come only when they are asked for. */
export type Lazy<T> = Iterable<T> | AsyncIterable<T> | (() => Iterable<T> | AsyncIterable<T>);

/** A list whose entries go to one call each; made by {@link each}. */
export class Each<T> {
  /** Undefined if they are not read before the map runs. */
  readonly values: readonly T[] | undefined;
  readonly lazy: Lazy<T> | undefined;
  declare private readonly entry: T;

  constructor(values: readonly T[] | undefined, lazy?: Lazy<T>) {
    this.values = values;
    this.lazy = lazy;
  }
}

/** A value that every call gets whole; made by {@link shared}. */
export class Shared<T> {
  readonly value: T;
  declare private readonly whole: T;

  constructor(value: T) {
    this.value = value;
  }
}

/**
 * Spreads values over the calls, one each. Lists are spread by themselves; this is for sets and
 * other iterables, and for a field of the object that holds a function's options.
 *
 * @param values - anything that can be iterated. A generator, an async iterable, or a function that
 *   makes one, is read while the map runs, no further ahead than `maxInFlight` calls, so that a
 *   million inputs are never in memory together; others are read at once
 * @example
 * ```ts
 * new ParallelMap(filter, signals, { order: each([2, 4, 8]), zeroPhase: true });
 * new ParallelMap(parse, each(() => createReadStream("ids.txt").pipe(split())));
 * ```
 */
export function each<T>(values: Lazy<T>): Each<T> {
  return isLazy(values) ? new Each(undefined, values) : new Each(Array.from(values as Iterable<T>));
}

/** What may have no end, or cannot be read without waiting. Everything else is read at once. */
function isLazy(values: Lazy<unknown>): boolean {
  if (typeof values === "function") return true;
  if (typeof values !== "object" || values === null) return false;
  if (!(Symbol.iterator in values)) return Symbol.asyncIterator in values;
  return Object.prototype.toString.call(values) === "[object Generator]";
}

/**
 * Gives a value whole to every call, a list too.
 *
 * @param value - any value that can be sent
 * @example
 * ```ts
 * new ParallelMap(meanAt, range(100), shared(signal));
 * ```
 */
export function shared<T>(value: T): Shared<T> {
  return new Shared(value);
}

/** The values of each field; one combination has one of each. */
type Combination<F extends Readonly<Record<string, Iterable<unknown>>>> = {
  -readonly [K in keyof F]: F[K] extends Iterable<infer T> ? T : never;
};

/**
 * One call for every combination of values, each as an object with one value per field. The last
 * field changes fastest, as the innermost of nested loops.
 *
 * @param fields - for each field its values, anything that can be iterated
 * @throws ArgumentError if a field is no list, or there are too many combinations to be held
 * @example
 * ```ts
 * const fit = ({ alpha, kernel }: { alpha: number; kernel: string }) => `${kernel} ${alpha}`;
 * new ParallelMap(fit, grid({ alpha: [0.1, 1], kernel: ["rbf", "linear"] })); // 4 calls
 * ```
 */
export function grid<const F extends Readonly<Record<string, Iterable<unknown>>>>(
  fields: F,
): Each<Combination<F>> {
  const axes = Object.entries(fields).map(([name, values]): [string, unknown[]] => {
    if (typeof values === "object" && values !== null && Symbol.iterator in values) {
      return [name, Array.from(values)];
    }
    throw new ArgumentError(`the field ${name} of grid() is no list: put a single value in [ ]`);
  });
  const count = axes.reduce((product, [, values]) => product * values.length, 1);
  if (count > mapLimits.gridCombinations) {
    throw new ArgumentError(
      `grid() would make ${count} combinations, more than ${mapLimits.gridCombinations}: ` +
        "give an iterable that makes them one by one to each()",
    );
  }
  const combinations = axes.reduce<Record<string, unknown>[]>(
    (begun, [name, values]) => {
      return begun.flatMap((before) => values.map((value) => ({ ...before, [name]: value })));
    },
    [{}],
  );
  return new Each(combinations as Combination<F>[]);
}

/**
 * Whole steps as Python's `range` makes them: `range(3)` is `[0, 1, 2]`.
 *
 * @param start - first number; with a single argument it is `stop` instead, and counting begins at 0
 * @param stop - end, not included
 * @param step - distance of neighbours, not 0; negative counts down
 * @throws ArgumentError if a number is not finite or `step` is 0
 * @example
 * ```ts
 * range(5, 0, -2); // [5, 3, 1]
 * ```
 */
export function range(start: number, stop?: number, step = 1): number[] {
  const [first, end] = stop === undefined ? [0, start] : [start, stop];
  if (![first, end, step].every(Number.isFinite) || step === 0) {
    throw new ArgumentError(
      `range(${first}, ${end}, ${step}) has no end: give finite numbers and a step other than 0`,
    );
  }
  const length = Math.max(0, Math.ceil((end - first) / step));
  return Array.from({ length }, (_, i) => first + i * step);
}

/**
 * `count` evenly spaced numbers from `start` to `stop`, both included, as numpy's `linspace`.
 *
 * @param count - how many, 0 or more; a single one is `start`
 * @throws ArgumentError if `count` is not a whole number
 * @example
 * ```ts
 * linspace(0, 1, 5); // [0, 0.25, 0.5, 0.75, 1]
 * ```
 */
export function linspace(start: number, stop: number, count: number): number[] {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new ArgumentError(`linspace cannot make ${count} numbers: give a whole number from 0 on`);
  }
  // The last is `stop` itself, not what rounding makes of it.
  return Array.from({ length: count }, (_, i) =>
    i > 0 && i === count - 1 ? stop : start + ((stop - start) * i) / Math.max(1, count - 1),
  );
}
