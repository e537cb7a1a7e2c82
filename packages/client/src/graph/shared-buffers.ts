// Large buffers of many items, each sent once even when several calls were given the same array.
// They are copied: the array belongs to the user, who may write to it right after the call.
import type { PackedValue } from "./call-batch.js";

export class SharedBuffers {
  readonly frames: Uint8Array[] = [];
  /** For a task, which frames it needs, in order. */
  readonly ofTask = new Map<number, number[]>();
  readonly #known = new Map<ArrayBufferLike, Map<string, number>>();

  add(task: number, item: PackedValue): void {
    if (item.frames.length === 1) return;
    const places: number[] = [];
    for (let i = 1; i < item.frames.length; i++) {
      places.push(this.#place(item.frames[i] as Uint8Array));
    }
    this.ofTask.set(task, places);
  }

  #place(frame: Uint8Array): number {
    const range = `${frame.byteOffset}:${frame.byteLength}`;
    let ranges = this.#known.get(frame.buffer);
    if (ranges === undefined) {
      ranges = new Map();
      this.#known.set(frame.buffer, ranges);
    }
    let place = ranges.get(range);
    if (place === undefined) {
      place = this.frames.push(frame.slice()) - 1;
      ranges.set(range, place);
    }
    return place;
  }
}
