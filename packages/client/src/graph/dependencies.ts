// Which task needs which: from the keys met inside packed values to compressed sparse rows of
// indices, where indices beyond the graph's own keys name keys outside it.
import { type TaskKey, taskKey } from "@acme/protocol";
import type { PackedValue } from "./call-batch.js";

export class DependencyIndex {
  readonly external: TaskKey[] = [];
  readonly #own: ReadonlyMap<TaskKey, number>;
  readonly #external = new Map<TaskKey, number>();

  /** @param own - index of each key of the graph */
  constructor(own: ReadonlyMap<TaskKey, number>) {
    this.#own = own;
  }

  /** Indices of the keys met inside a value, each once. */
  of(value: PackedValue): number[] {
    const found = new Set<number>();
    for (const ref of value.refs) found.add(this.#indexOf(taskKey(ref)));
    return [...found];
  }

  #indexOf(key: TaskKey): number {
    const own = this.#own.get(key);
    if (own !== undefined) return own;
    let index = this.#external.get(key);
    if (index === undefined) {
      index = this.external.push(key) - 1;
      this.#external.set(key, index);
    }
    return this.#own.size + index;
  }
}

/** Two frames, u32 offsets (n + 1) and u32 indices, or null if no task needs another. */
export function dependencyRows(
  items: readonly PackedValue[],
  index: DependencyIndex,
): [Uint8Array, Uint8Array] | null {
  if (items.every((item) => item.refs.length === 0)) return null;
  const offsets = new Uint32Array(items.length + 1);
  const indices: number[] = [];
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as PackedValue;
    if (item.refs.length > 0) for (const one of index.of(item)) indices.push(one);
    offsets[i + 1] = indices.length;
  }
  return [new Uint8Array(offsets.buffer), new Uint8Array(Uint32Array.from(indices).buffer)];
}
