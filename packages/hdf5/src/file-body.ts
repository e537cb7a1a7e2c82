// The list of byte blocks a file is made of, and the address of each. Large blocks are kept by
// reference, so an array is never copied on its way to the disk.
import { ByteWriter } from "./bytes.js";
import { COALESCE_BELOW_BYTES } from "./limits.js";

const ALIGNMENT = 8;

/** Bytes that are made while the file is written. */
export interface LaterBytes {
  readonly length: number;
  readonly blocks: () => AsyncIterable<Uint8Array>;
}

export type Part = Uint8Array | LaterBytes;

export const bytesOf = (parts: readonly Part[]): number =>
  parts.reduce((sum, { length }) => sum + length, 0);

export class FileBody {
  readonly #parts: Part[] = [];
  #pending = new ByteWriter(COALESCE_BELOW_BYTES);
  #end: number;

  /** @param start - address of the first block: the bytes before it belong to the superblock */
  constructor(start: number) {
    this.#end = start;
  }

  /** The end of the file so far. */
  get end(): number {
    return this.#end;
  }

  /** Adds a block and returns its address. */
  append(bytes: Uint8Array): number {
    if (bytes.length >= COALESCE_BELOW_BYTES) return this.appendShared(bytes);
    const address = this.#align();
    this.#pending.bytes(bytes);
    this.#end += bytes.length;
    return address;
  }

  /** Adds blocks that lie one after another (all but the last are a multiple of 8 bytes). */
  appendAll(blocks: readonly Uint8Array[]): number {
    const [address] = blocks.map((block) => this.append(block));
    return address!;
  }

  /** Adds a block by reference: it may still be filled in until the file is written. */
  appendShared(bytes: Uint8Array): number {
    return this.appendLater(bytes);
  }

  appendLater(part: Part): number {
    const address = this.#align();
    this.#flush();
    this.#parts.push(part);
    this.#end += part.length;
    return address;
  }

  finish(): Part[] {
    this.#flush();
    return this.#parts;
  }

  #align(): number {
    const padding = (ALIGNMENT - (this.#end % ALIGNMENT)) % ALIGNMENT;
    this.#pending.zeros(padding);
    this.#end += padding;
    return this.#end;
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    this.#parts.push(this.#pending.finish());
    this.#pending = new ByteWriter(COALESCE_BELOW_BYTES);
  }
}
