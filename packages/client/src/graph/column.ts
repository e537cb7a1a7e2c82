// A property of every task: one value as long as all agree, else one per task. It must not know
// what the property means.

export class Column<T> {
  #same: T | undefined;
  #each: T[] | null = null;
  #length = 0;

  add(value: T, count = 1): void {
    if (this.#length === 0) this.#same = value;
    if (this.#each === null && value !== this.#same) {
      this.#each = new Array<T>(this.#length).fill(this.#same as T);
    }
    if (this.#each !== null) for (let i = 0; i < count; i++) this.#each.push(value);
    this.#length += count;
  }

  /** One for all, or a list. */
  dense(): T | T[] {
    return this.#each ?? (this.#same as T);
  }

  /** One for all, or what differs from `standard`, by task. */
  sparse(standard: T): T | Map<number, T> {
    if (this.#each === null) return this.#same as T;
    const map = new Map<number, T>();
    for (let i = 0; i < this.#each.length; i++) {
      const value = this.#each[i] as T;
      if (value !== standard) map.set(i, value);
    }
    return map;
  }
}
