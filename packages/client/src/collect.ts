// Brings the values of many records, each as it comes: one request and one promise for all of them,
// since a promise for each costs more than the rest of its way through the client.
import type { DeliveredValue, FutureRecord, ValueWaiter } from "./shell/future-record.js";
import type { Session } from "./shell/session.js";
import { askForValue, failureOf, openValue } from "./values.js";

/** Is told of each record by its place; what it throws ends the waiting. */
export interface Collector {
  value(index: number, value: unknown): void;
  /** The task has no value. */
  failed(index: number, error: Error): void;
  /** There is a value, but it cannot be opened here. */
  unreadable(index: number, error: Error): void;
}

/**
 * Resolves when the collector was told of every record.
 *
 * @throws what the collector threw, ClientClosedError
 */
export function collect(
  session: Session,
  records: readonly FutureRecord[],
  collector: Collector,
): Promise<void> {
  if (records.length === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const collection = new Collection(collector, records.length, { resolve, reject });
    for (let index = 0; index < records.length; index++) {
      const record = records[index] as FutureRecord;
      askForValue(session, record, new Place(collection, record, index));
    }
  });
}

interface Ends {
  resolve(): void;
  reject(error: unknown): void;
}

type Told = { readonly index: number } & (
  | { readonly how: "value"; readonly value: unknown }
  | { readonly how: "failed" | "unreadable"; readonly error: Error }
);

class Collection {
  readonly #collector: Collector;
  readonly #ends: Ends;
  #open: number;
  #told: Told[] = [];
  #isOver = false;

  constructor(collector: Collector, count: number, ends: Ends) {
    this.#collector = collector;
    this.#open = count;
    this.#ends = ends;
  }

  /** The collector is told after the batch that brought this: it may ask the client for more. */
  tell(told: Told): void {
    if (this.#told.push(told) === 1) queueMicrotask(() => this.#tellAll());
  }

  #tellAll(): void {
    const all = this.#told;
    this.#told = [];
    try {
      for (const told of all) {
        if (this.#isOver) return;
        this.#tellOne(told);
      }
    } catch (error) {
      this.#isOver = true;
      this.#ends.reject(error);
    }
  }

  #tellOne(told: Told): void {
    if (told.how === "value") this.#collector.value(told.index, told.value);
    else this.#collector[told.how](told.index, told.error);
    this.#open -= 1;
    if (this.#open === 0) this.#ends.resolve();
  }
}

/** Waits for one record. */
class Place implements ValueWaiter {
  readonly #collection: Collection;
  readonly #record: FutureRecord;
  readonly #index: number;

  constructor(collection: Collection, record: FutureRecord, index: number) {
    this.#collection = collection;
    this.#record = record;
    this.#index = index;
  }

  value(delivered: DeliveredValue): void {
    try {
      const value = openValue(delivered);
      if (!(value instanceof Promise)) this.#opened(value);
      else {
        value.then(
          (opened) => this.#opened(opened),
          (error) => this.#unreadable(error),
        );
      }
    } catch (error) {
      this.#unreadable(error as Error);
    }
  }

  failed(): void {
    const error = failureOf(this.#record);
    this.#collection.tell({ index: this.#index, how: "failed", error });
  }

  #opened(value: unknown): void {
    this.#collection.tell({ index: this.#index, how: "value", value });
  }

  #unreadable(error: Error): void {
    this.#collection.tell({ index: this.#index, how: "unreadable", error });
  }
}
