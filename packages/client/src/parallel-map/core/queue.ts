// First in, first out, without moving what is behind each time. It must not know what it holds;
// used for calls by the hundred thousand.

/** Entries that are gone are cut off when there are this many, and more than those left. */
const slack = 1_024;

export class Queue<T> {
  #items: T[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(items: readonly T[]): void {
    for (const item of items) this.#items.push(item);
  }

  /** The first `count`, or as many as there are. */
  take(count: number): T[] {
    const taken = this.#items.slice(this.#head, this.#head + count);
    this.#head += taken.length;
    if (this.#head > slack && this.#head > this.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
