// Between the engine, which brings outcomes in batches, and the loop that takes them one by one.
// Its length is bounded by the core, which is told of each that was taken.

interface Taker<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

interface Failure {
  readonly error: unknown;
}

export class OutcomeBuffer<T> {
  readonly #onTaken: (count: number) => void;
  #items: readonly T[] = [];
  #at = 0;
  #takers: Taker<T>[] = [];
  #isEnded = false;
  #failure: Failure | undefined;

  constructor(onTaken: (count: number) => void) {
    this.#onTaken = onTaken;
  }

  push(items: readonly T[]): void {
    const rest = this.#items.slice(this.#at);
    // Not item by item: batches are large.
    this.#items = rest.length === 0 ? items : [...rest, ...items];
    this.#at = 0;
    while (this.#takers.length > 0 && this.#at < this.#items.length) {
      this.#takers.shift()?.resolve({ done: false, value: this.#take() });
    }
  }

  /** Nothing follows what is there. @param failure - its error is thrown after that, once */
  end(failure?: Failure): void {
    this.#isEnded = true;
    this.#failure = failure;
    for (const taker of this.#takers.splice(0)) this.#tellEnd(taker);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#at < this.#items.length) {
      return Promise.resolve({ done: false, value: this.#take() });
    }
    return new Promise((resolve, reject) => {
      if (this.#isEnded) this.#tellEnd({ resolve, reject });
      else this.#takers.push({ resolve, reject });
    });
  }

  #take(): T {
    this.#onTaken(1);
    return this.#items[this.#at++] as T;
  }

  #tellEnd({ resolve, reject }: Taker<T>): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure === undefined) resolve({ done: true, value: undefined });
    else reject(failure.error);
  }
}
