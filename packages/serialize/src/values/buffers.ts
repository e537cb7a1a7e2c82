// Collects the buffers of one document and lays their bytes out in segments.
// Views of one ArrayBuffer whose ranges overlap keep sharing memory; only viewed bytes travel,
// and large segments become frames that alias the user's memory instead of copying it.

import { serializeLimits } from "../limits.js";

interface Range {
  readonly start: number;
  readonly end: number;
  readonly itemBytes: number;
  /** The node that gets [segment, offset] at `slot` and `slot + 1` once segments are known. */
  readonly node: unknown[];
  readonly slot: number;
}

const alignment = 8;

/** Gathers ranges while a value is walked, then writes segments and frames. */
export class BufferCollector {
  readonly #ranges = new Map<ArrayBufferLike, Range[]>();

  /** Notes that `node` stands for a part of `buffer`, its place to be filled in later. */
  add(buffer: ArrayBufferLike, range: Range): void {
    const ranges = this.#ranges.get(buffer);
    if (ranges === undefined) this.#ranges.set(buffer, [range]);
    else ranges.push(range);
  }

  /** Fills in every node; returns the segments and appends large ones to `frames`. */
  layOut(frames: Uint8Array[]): (Uint8Array | number)[] {
    const segments: (Uint8Array | number)[] = [];
    for (const [buffer, ranges] of this.#ranges) {
      for (const group of overlapping(ranges)) {
        const bytes = new Uint8Array(buffer, group.start, group.end - group.start);
        for (const { node, slot, start } of group.ranges) {
          node[slot] = segments.length;
          node[slot + 1] = start - group.start;
        }
        if (bytes.byteLength >= serializeLimits.outOfBandBytes) {
          segments.push(frames.length);
          frames.push(bytes);
        } else segments.push(bytes);
      }
    }
    return segments;
  }
}

interface Group {
  start: number;
  end: number;
  ranges: Range[];
}

function overlapping(ranges: Range[]): Group[] {
  const groups: Group[] = [];
  let current: Group | undefined;
  for (const range of [...ranges].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (current !== undefined && (range.start < current.end || range.start === current.start)) {
      current.end = Math.max(current.end, range.end);
      current.ranges.push(range);
    } else {
      current = { start: range.start, end: range.end, ranges: [range] };
      groups.push(current);
    }
  }
  for (const group of groups) align(group);
  return groups;
}

// A Float64Array must start at a multiple of 8; if a byte view opens the group at an odd place,
// the group starts a few bytes earlier so that every view stays aligned on the other side.
function align(group: Group): void {
  const fits = ({ start, itemBytes }: Range) => (start - group.start) % itemBytes === 0;
  if (!group.ranges.every(fits)) group.start -= group.start % alignment;
}
