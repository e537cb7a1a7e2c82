// Reads the arguments of opcodes: little-endian numbers, counted bytes and text. Every read is
// checked against the end; it knows no opcode.
import { LimitError } from "@acme/protocol";
import { PickleFormatError } from "./pickle-errors.js";

export class ByteSource {
  offset = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #text: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#text = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.offset >= this.#bytes.length;
  }

  u8(): number {
    return this.#bytes[this.#advance(1)]!;
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  /** A length of 64 bits, which is no more than what is left. */
  length64(): number {
    const length = this.#view.getBigUint64(this.#advance(8), true);
    if (length > BigInt(this.#bytes.length)) throw this.error("a length beyond the end");
    return Number(length);
  }

  /** The one number that Python writes big-endian. */
  f64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** A view of the bytes, not a copy. */
  bytes(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(length: number): string {
    const at = this.#advance(length);
    const text = this.#text.toString("utf8", at, at + length);
    // Either a replacement character that was sent, or half of a surrogate pair, or damage.
    return text.includes("\ufffd") ? this.#looseText(at, at + length) : text;
  }

  /** Text up to the end of the line, which is read too. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.offset);
    if (end < 0) throw this.error("a line without end");
    const text = this.text(end - this.offset);
    this.offset = end + 1;
    return text;
  }

  /** A whole number of any size, two's complement. */
  integer(length: number, maxBytes: number): number | bigint {
    if (length > maxBytes) throw new LimitError("integerBytes", length, maxBytes);
    const at = this.#advance(length);
    if (length === 0) return 0;
    if (length <= 6) return this.#text.readIntLE(at, length);
    const digits = Buffer.from(this.#bytes.subarray(at, at + length)).reverse();
    const value = BigInt.asIntN(length * 8, BigInt(`0x${digits.toString("hex")}`));
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  error(what: string): PickleFormatError {
    return new PickleFormatError(what, this.offset);
  }

  #advance(length: number): number {
    const at = this.offset;
    if (length > this.#bytes.length - at) throw this.error("the end comes too early");
    this.offset = at + length;
    return at;
  }

  /** Python also writes halves of surrogate pairs, three bytes each, which UTF-8 forbids. */
  #looseText(from: number, to: number): string {
    const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    let text = "";
    let start = from;
    for (let at = from; at + 2 < to; at++) {
      if (this.#bytes[at] !== 0xed || this.#bytes[at + 1]! < 0xa0) continue;
      const half = 0xd000 | ((this.#bytes[at + 1]! & 0x3f) << 6) | (this.#bytes[at + 2]! & 0x3f);
      text += this.#strictText(strict, start, at) + String.fromCharCode(half);
      start = at + 3;
      at += 2;
    }
    return text + this.#strictText(strict, start, to);
  }

  #strictText(strict: InstanceType<typeof TextDecoder>, from: number, to: number): string {
    try {
      return strict.decode(this.#bytes.slice(from, to));
    } catch {
      throw this.error("text that is not UTF-8");
    }
  }
}
