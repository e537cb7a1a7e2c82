// Many strings of bytes that resemble each other, such as the run specs of one map, kept as one of
// each kind and what the others differ in. Knows nothing of what the bytes mean.
import { assert } from "./assert.js";

/** Strings of bytes in one buffer, some of them as patches of others of the same length. */
export interface PatchedBytes {
  /** One more than there are strings. */
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  /** Which string one is a patch of; itself: it is whole. */
  readonly references: Uint32Array;
}

/** Bytes that stay the same, then those that are new: each length is a word of 16 bits. */
const patchHeadBytes = 4;
const runMax = 0xffff;
/** Runs of equal bytes shorter than this are not worth a patch of their own. */
const gapMin = 8;
const firstBytes = 64 * 1024;

/**
 * Keeps what strings of the same length have in common once.
 *
 * @param offsets - one more than there are strings
 * @param bytes - all of them, one after another
 * @returns copies, which keep nothing of the arguments alive
 */
export function patchBytes(offsets: Uint32Array, bytes: Uint8Array): PatchedBytes {
  const count = offsets.length - 1;
  const packed = new Packer(bytes);
  const ends = new Uint32Array(count + 1);
  const references = new Uint32Array(count);
  // The latest whole string of each length.
  const whole = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const start = offsets[i] as number;
    const length = (offsets[i + 1] as number) - start;
    const like = whole.get(length);
    if (like !== undefined && packed.patch(offsets[like] as number, start, length)) {
      references[i] = like;
    } else {
      packed.copy(start, length);
      references[i] = i;
      whole.set(length, i);
    }
    ends[i + 1] = packed.size;
  }
  return { offsets: ends, bytes: packed.taken(), references };
}

/** One of the strings; a view where it is whole. */
export function patchedBytes({ offsets, bytes, references }: PatchedBytes, at: number): Uint8Array {
  const own = bytes.subarray(offsets[at], offsets[at + 1]);
  const like = references[at] as number;
  if (like === at) return own;
  const made = new Uint8Array(bytes.subarray(offsets[like], offsets[like + 1]));
  let place = 0;
  for (let i = 0; i < own.length; ) {
    place += (own[i] as number) | ((own[i + 1] as number) << 8);
    const fresh = (own[i + 2] as number) | ((own[i + 3] as number) << 8);
    i += patchHeadBytes;
    for (const end = i + fresh; i < end; i++) made[place++] = own[i] as number;
  }
  assert(place <= made.length, "a patch ends within what it patches");
  return made;
}

/** Writes behind each other what stays of the strings of one buffer. */
class Packer {
  readonly #from: Uint8Array;
  readonly #view: DataView;
  #to: Uint8Array;
  size = 0;

  constructor(from: Uint8Array) {
    this.#from = from;
    this.#view = new DataView(from.buffer, from.byteOffset, from.byteLength);
    this.#to = new Uint8Array(Math.min(from.byteLength, firstBytes));
  }

  copy(start: number, length: number): void {
    this.#reserve(length);
    this.#to.set(this.#from.subarray(start, start + length), this.size);
    this.size += length;
  }

  /** Mostly little stays of what came: memory as large as that would be garbage at once. */
  #reserve(length: number): void {
    if (this.size + length <= this.#to.byteLength) return;
    const larger = new Uint8Array(2 * this.#to.byteLength + length);
    larger.set(this.#to.subarray(0, this.size));
    this.#to = larger;
  }

  /** @returns false, and nothing is written, if patches would take more than half of the string */
  patch(like: number, start: number, length: number): boolean {
    const before = this.size;
    const most = before + (length >> 1);
    let at = 0;
    let same = this.#sameFrom(like, start, 0, length);
    while (at + same < length) {
      const skip = Math.min(same, runMax);
      at += skip;
      const fresh = skip < same ? 0 : this.#freshFrom(like + at, start + at, length - at);
      if (this.size + patchHeadBytes + fresh > most) {
        this.size = before;
        return false;
      }
      this.#write(skip, start + at, fresh);
      at += fresh;
      same = skip < same ? same - skip : this.#sameFrom(like, start, at, length);
    }
    return true;
  }

  #write(skip: number, start: number, fresh: number): void {
    this.#reserve(patchHeadBytes + fresh);
    const to = this.#to;
    to[this.size++] = skip & 0xff;
    to[this.size++] = skip >> 8;
    to[this.size++] = fresh & 0xff;
    to[this.size++] = fresh >> 8;
    for (let i = 0; i < fresh; i++) to[this.size++] = this.#from[start + i] as number;
  }

  /** How many bytes from here on are equal. */
  #sameFrom(like: number, start: number, from: number, length: number): number {
    const view = this.#view;
    let at = from;
    while (at + 4 <= length && view.getInt32(like + at) === view.getInt32(start + at)) at += 4;
    while (at < length && this.#from[like + at] === this.#from[start + at]) at += 1;
    return at - from;
  }

  /** How many bytes from here on are to be written, up to the next long run of equal ones. */
  #freshFrom(like: number, start: number, length: number): number {
    const most = Math.min(length, runMax);
    let same = 0;
    let at = 0;
    while (at < most && same < gapMin) {
      same = this.#from[like + at] === this.#from[start + at] ? same + 1 : 0;
      at += 1;
    }
    return at - same;
  }

  /** What was written, in memory of its own size. */
  taken(): Uint8Array {
    return this.#to.slice(0, this.size);
  }
}
