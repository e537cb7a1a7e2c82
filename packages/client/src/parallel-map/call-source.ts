// Gives the calls of a map one after the other, from lists that are there and from iterables that
// are read only as far as calls are wanted. Knows nothing of what becomes of them.
import { ArgumentError } from "../errors.js";
import type { Lazy } from "./markers.js";
import type { TypedArray } from "./types.js";

/** The own values of one call. */
export type Row = readonly unknown[];

/** One value per call; exactly one of `values` and `lazy`. */
export interface Column {
  /** What the user calls it: `"x"`, `"options.order"`. */
  readonly name: string;
  readonly values?: readonly unknown[] | TypedArray | undefined;
  readonly lazy?: Lazy<unknown> | undefined;
}

type Next = () => IteratorResult<unknown> | Promise<IteratorResult<unknown>>;

interface Reader {
  readonly name: string;
  readonly next: Next;
  readonly close: () => unknown;
}

/** Iterators that were begun: their values are gone. */
const begun = new WeakSet<object>();

export class CallSource {
  /** Reading has to wait: use {@link next}, else {@link take}. */
  readonly isAsync: boolean;
  readonly #readers: readonly Reader[];
  readonly #count: number;
  #given = 0;

  /**
   * @param count - how many calls there are; Infinity: as many as come
   * @throws ArgumentError for a generator that was read before
   */
  constructor(columns: readonly Column[], count: number) {
    this.#count = count;
    let isAsync = false;
    this.#readers = columns.map(({ name, values, lazy }) => {
      if (values !== undefined) return listReader(name, values);
      const opened = openLazy(name, lazy as Lazy<unknown>);
      isAsync ||= opened.isAsync;
      return opened;
    });
    this.isAsync = isAsync;
  }

  /** Up to `max` calls; fewer mean that these were the last. */
  take(max: number): Row[] {
    const rows: Row[] = [];
    while (rows.length < max && this.#given < this.#count) {
      const row = this.#row(this.#readers.map(({ next }) => next() as IteratorResult<unknown>));
      if (row === undefined) break;
      rows.push(row);
    }
    return rows;
  }

  /** The next call; undefined if there is none. */
  async next(): Promise<Row | undefined> {
    if (this.#given === this.#count) return undefined;
    return this.#row(await Promise.all(this.#readers.map(({ next }) => next())));
  }

  /** Nothing more is wanted: what is open is closed, as at the end of a loop. */
  async close(): Promise<void> {
    for (const { close } of this.#readers) await close();
  }

  #row(results: readonly IteratorResult<unknown>[]): Row | undefined {
    const short = this.#readers.filter((_, at) => results[at]?.done).map(({ name }) => name);
    if (short.length === 0) {
      this.#given += 1;
      return results.map(({ value }) => value as unknown);
    }
    // What has more entries than calls are wanted may be without end.
    if (short.length === results.length && this.#count === Number.POSITIVE_INFINITY) {
      return undefined;
    }
    throw new ArgumentError(
      `${short.join(", ")} ended after ${this.#given} calls, but there are to be more: make all ` +
        "inputs equally long, or wrap what every call is to get whole in shared()",
    );
  }
}

function listReader(name: string, values: NonNullable<Column["values"]>): Reader {
  let at = 0;
  const next: Next = () =>
    at < values.length ? { done: false, value: values[at++] } : { done: true, value: undefined };
  return { name, next, close: () => {} };
}

function openLazy(name: string, lazy: Lazy<unknown>): Reader & { readonly isAsync: boolean } {
  const iterable = typeof lazy === "function" ? lazy() : lazy;
  const isAsync = Symbol.asyncIterator in iterable;
  const iterator = isAsync ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
  if (begun.has(iterator)) {
    throw new ArgumentError(
      `${name} was read by an earlier run and cannot be read again: give each() a function that ` +
        "makes it anew, as in each(() => generate())",
    );
  }
  begun.add(iterator);
  return { name, isAsync, next: () => iterator.next(), close: () => iterator.return?.() };
}
