// A growing little-endian byte buffer: the pen with which every HDF5 structure is written.
// It knows integers and bytes, nothing of HDF5.

/** What HDF5 stores where there is no address or no limit. */
export const UNDEFINED = 0xffff_ffff_ffff_ffffn;

export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(capacityBytes = 64) {
    this.#bytes = Buffer.alloc(capacityBytes);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  u16(value: number): this {
    this.#reserve(2);
    this.#length = this.#bytes.writeUInt16LE(value, this.#length);
    return this;
  }

  u32(value: number): this {
    this.#reserve(4);
    this.#length = this.#bytes.writeUInt32LE(value, this.#length);
    return this;
  }

  u64(value: number | bigint): this {
    this.#reserve(8);
    if (typeof value === "bigint") {
      this.#length = this.#bytes.writeBigUInt64LE(value, this.#length);
      return this;
    }
    this.#bytes.writeUInt32LE(value % 2 ** 32, this.#length);
    this.#length = this.#bytes.writeUInt32LE(Math.floor(value / 2 ** 32), this.#length + 4);
    return this;
  }

  /** An unsigned integer in `width` bytes (1 to 8). */
  uint(value: number, width: number): this {
    let rest = value;
    for (let i = 0; i < width; i++) {
      this.u8(rest % 256);
      rest = Math.floor(rest / 256);
    }
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  ascii(text: string): this {
    this.#reserve(text.length);
    this.#length += this.#bytes.write(text, this.#length, "latin1");
    return this;
  }

  /** UTF-8 text with a closing NUL. */
  cString(text: string): this {
    return this.bytes(Buffer.from(text, "utf8")).u8(0);
  }

  zeros(count: number): this {
    this.#reserve(count);
    this.#bytes.fill(0, this.#length, this.#length + count);
    this.#length += count;
    return this;
  }

  /** The bytes written so far, not copied: writing on may leave this view behind. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.alloc(Math.max(this.#bytes.length * 2, needed));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** The bytes in a list of blocks. */
export function totalBytes(blocks: readonly Uint8Array[]): number {
  return blocks.reduce((sum, block) => sum + block.length, 0);
}

/** The fewest bytes that hold `value`, at least 1. */
export function minimalWidth(value: number): number {
  let width = 1;
  for (let rest = Math.floor(value / 256); rest > 0; rest = Math.floor(rest / 256)) width++;
  return width;
}
