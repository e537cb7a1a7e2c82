// Gives the bytes of a document's segments back as buffers: private copies, or views of the
// received frames where the caller allows it and alignment permits.

import { badDocument } from "./document.js";

interface Memory {
  readonly buffer: ArrayBufferLike;
  readonly offset: number;
  readonly length: number;
  readonly owned: boolean;
}

type ViewConstructor = new (buffer: ArrayBufferLike, offset: number, length: number) => unknown;

/** Reads segments of one document; each is copied at most once, so views keep sharing it. */
export class SegmentReader {
  readonly #segments: readonly (Uint8Array | number)[];
  readonly #frames: readonly Uint8Array[];
  readonly #copy: boolean;
  readonly #memories: (Memory | undefined)[];

  constructor(
    segments: readonly (Uint8Array | number)[],
    frames: readonly Uint8Array[],
    copy: boolean,
  ) {
    this.#segments = segments;
    this.#frames = frames;
    this.#copy = copy;
    this.#memories = new Array(segments.length);
  }

  /** The ArrayBuffer of this part of a segment. */
  arrayBuffer(segment: number, offset: number, length: number): ArrayBuffer {
    const memory = this.#memory(segment, true);
    const buffer = memory.buffer as ArrayBuffer;
    if (offset === 0 && length === buffer.byteLength) return buffer;
    return buffer.slice(offset, offset + length);
  }

  /** A view of the named kind, `length` items long (bytes for a DataView). */
  view(kind: string, segment: number, offset: number, length: number): unknown {
    if (kind === "Buffer") {
      const { buffer, offset: start } = this.#memory(segment, false);
      return Buffer.from(buffer as ArrayBuffer, start + offset, length);
    }
    const maker: unknown = Reflect.get(globalThis, kind);
    if (typeof maker !== "function") {
      throw badDocument(`this version of node has no ${kind}`);
    }
    const itemBytes: unknown = Reflect.get(maker, "BYTES_PER_ELEMENT");
    let memory = this.#memory(segment, false);
    const aligned = (memory.offset + offset) % (typeof itemBytes === "number" ? itemBytes : 1);
    if (aligned !== 0) memory = this.#memory(segment, true);
    return new (maker as ViewConstructor)(memory.buffer, memory.offset + offset, length);
  }

  #memory(segment: number, mustOwn: boolean): Memory {
    const known = this.#memories[segment];
    if (known !== undefined && (known.owned || !mustOwn)) return known;
    const memory = this.#read(segment, mustOwn);
    this.#memories[segment] = memory;
    return memory;
  }

  #read(segment: number, mustOwn: boolean): Memory {
    const source = this.#segments[segment];
    const bytes = typeof source === "number" ? this.#frames[source] : source;
    if (bytes === undefined) throw badDocument(`segment ${segment} has no frame`);
    if (typeof source === "number" && !this.#copy) {
      const { buffer, byteOffset: offset, byteLength: length } = bytes;
      const owned = buffer instanceof ArrayBuffer && length === buffer.byteLength;
      if (owned || !mustOwn) return { buffer, offset, length, owned };
    }
    const { buffer, byteLength: length } = new Uint8Array(bytes);
    return { buffer, offset: 0, length, owned: true };
  }
}
