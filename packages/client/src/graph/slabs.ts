// Lays items out in slabs of equally many tasks: per slab a frame of offsets and one of bytes. A
// slab lives in the scheduler as long as one of its tasks, so slabs are kept small.
import { clientLimits } from "../limits.js";
import { itemBytes, type PackedValue } from "./call-batch.js";

export interface Slabs {
  readonly slabTasks: number;
  /** u32 offsets (count + 1) and the items, alternating. */
  readonly frames: Uint8Array[];
}

/** @param items - never empty */
export function layOutSlabs(items: readonly PackedValue[]): Slabs {
  const slabTasks = chooseSlabTasks(items);
  const frames: Uint8Array[] = [];
  for (let start = 0; start < items.length; start += slabTasks) {
    const count = Math.min(slabTasks, items.length - start);
    const offsets = new Uint32Array(count + 1);
    for (let i = 0; i < count; i++) {
      offsets[i + 1] = (offsets[i] as number) + itemBytes(items[start + i] as PackedValue);
    }
    const bytes = new Uint8Array(offsets[count] as number);
    for (let i = 0; i < count; i++) {
      const document = (items[start + i] as PackedValue).frames[0] as Uint8Array;
      bytes.set(document, offsets[i] as number);
    }
    frames.push(new Uint8Array(offsets.buffer), bytes);
  }
  return { slabTasks, frames };
}

/**
 * The largest power of two whose slabs stay within the limit. One huge item must not break up all
 * the others, so it stops at a minimum.
 */
function chooseSlabTasks(items: readonly PackedValue[]): number {
  let slabTasks: number = clientLimits.slabTasks;
  while (slabTasks >= items.length * 2) slabTasks /= 2;
  while (slabTasks > clientLimits.slabTasksMin && !fits(items, slabTasks)) slabTasks /= 2;
  return Math.max(1, slabTasks);
}

function fits(items: readonly PackedValue[], slabTasks: number): boolean {
  let bytes = 0;
  for (let i = 0; i < items.length; i++) {
    if (i % slabTasks === 0) bytes = 0;
    bytes += itemBytes(items[i] as PackedValue);
    if (bytes > clientLimits.slabBytes) return false;
  }
  return true;
}
