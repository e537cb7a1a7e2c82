// Grows a buffer and writes numbers, bytes and text into it the way pickles have them.
// It knows no opcode.

const initialBytes = 256;

export class ByteSink {
  #bytes: Buffer = Buffer.allocUnsafe(initialBytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const at = this.#advance(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.#advance(2);
    this.#bytes.writeUInt16LE(value, at);
  }

  u32(value: number): void {
    const at = this.#advance(4);
    this.#bytes.writeUInt32LE(value, at);
  }

  i32(value: number): void {
    const at = this.#advance(4);
    this.#bytes.writeInt32LE(value, at);
  }

  u64(value: number): void {
    const at = this.#advance(8);
    this.#bytes.writeBigUInt64LE(BigInt(value), at);
  }

  f64(value: number): void {
    const at = this.#advance(8);
    this.#bytes.writeDoubleBE(value, at);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#advance(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Text of which the length in UTF-8 is known. */
  text(text: string, byteLength: number): void {
    const at = this.#advance(byteLength);
    this.#bytes.write(text, at, byteLength, "utf8");
  }

  /** What was written since the last call, in memory of its own. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.#length);
    taken.set(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  #advance(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }
}
