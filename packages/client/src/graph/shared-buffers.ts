// Large buffers of many values. They are copied when a call is packed, because they belong to the
// user, who may write to them afterwards; and each travels once, even when several calls share it.
import type { PackedValue } from "./call-batch.js";

/** Finds the same stretch of memory again. */
class StretchMap<T> {
  readonly #ofBuffer = new Map<ArrayBufferLike, Map<string, T>>();

  getOrMake(frame: Uint8Array, make: () => T): T {
    const range = `${frame.byteOffset}:${frame.byteLength}`;
    let ranges = this.#ofBuffer.get(frame.buffer);
    if (ranges === undefined) {
      ranges = new Map();
      this.#ofBuffer.set(frame.buffer, ranges);
    }
    let found = ranges.get(range);
    if (found === undefined) {
      found = make();
      ranges.set(range, found);
    }
    return found;
  }
}

/** The same values with copies of their buffers; what shares memory shares its copy. */
export function withOwnBuffers<V extends PackedValue>(values: readonly V[]): V[] {
  const copies = new StretchMap<Uint8Array>();
  return values.map((value) => {
    if (value.frames.length === 1) return value;
    const copied = value.frames.map((frame, place) =>
      place === 0 ? frame : copies.getOrMake(frame, () => frame.slice()),
    );
    return { ...value, frames: copied };
  });
}

/** The buffers of a graph's items. */
export class SharedBuffers {
  readonly frames: Uint8Array[] = [];
  /** For a task, which frames it needs, in order. */
  readonly ofTask = new Map<number, number[]>();
  readonly #places = new StretchMap<number>();

  add(task: number, item: PackedValue): void {
    if (item.frames.length === 1) return;
    const places: number[] = [];
    for (let i = 1; i < item.frames.length; i++) {
      const frame = item.frames[i] as Uint8Array;
      places.push(this.#places.getOrMake(frame, () => this.frames.push(frame) - 1));
    }
    this.ofTask.set(task, places);
  }
}
