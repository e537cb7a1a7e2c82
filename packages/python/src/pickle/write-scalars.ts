// Numbers, text and bytes as Python's own pickler writes them, the shortest opcode first.
// It remembers nothing.
import type { ByteSink } from "./byte-sink.js";
import { opcodes as op } from "./opcodes.js";

/** A whole number becomes an int, every other number a float. */
export function writeNumber(sink: ByteSink, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    sink.u8(op.BINFLOAT);
    sink.f64(value);
  } else if (value >= 0 && value < 0x100) {
    sink.u8(op.BININT1);
    sink.u8(value);
  } else if (value >= 0 && value < 0x10000) {
    sink.u8(op.BININT2);
    sink.u16(value);
  } else if (value >= -0x80000000 && value < 0x80000000) {
    sink.u8(op.BININT);
    sink.i32(value);
  } else writeInteger(sink, BigInt(value));
}

/** Two's complement, little-endian, as short as it goes. */
export function writeInteger(sink: ByteSink, value: bigint): void {
  const magnitude = value < 0n ? -value - 1n : value;
  const bits = magnitude === 0n ? 0 : magnitude.toString(2).length;
  const length = value === 0n ? 0 : Math.floor(bits / 8) + 1;
  if (length < 0x100) {
    sink.u8(op.LONG1);
    sink.u8(length);
  } else {
    sink.u8(op.LONG4);
    sink.u32(length);
  }
  if (length === 0) return;
  const hex = BigInt.asUintN(length * 8, value).toString(16);
  sink.bytes(Buffer.from(hex.padStart(length * 2, "0"), "hex").reverse());
}

/** Halves of surrogate pairs, which UTF-8 forbids, go as Python's `surrogatepass` has them. */
export function writeText(sink: ByteSink, text: string): void {
  const loose = /\p{Surrogate}/u.test(text) ? looseBytes(text) : undefined;
  const length = loose?.length ?? Buffer.byteLength(text, "utf8");
  if (length < 0x100) {
    sink.u8(op.SHORT_BINUNICODE);
    sink.u8(length);
  } else if (length < 0x1_0000_0000) {
    sink.u8(op.BINUNICODE);
    sink.u32(length);
  } else {
    sink.u8(op.BINUNICODE8);
    sink.u64(length);
  }
  if (loose === undefined) sink.text(text, length);
  else sink.bytes(loose);
}

export function writeBytes(sink: ByteSink, bytes: Uint8Array): void {
  const { length } = bytes;
  if (length < 0x100) {
    sink.u8(op.SHORT_BINBYTES);
    sink.u8(length);
  } else if (length < 0x1_0000_0000) {
    sink.u8(op.BINBYTES);
    sink.u32(length);
  } else {
    sink.u8(op.BINBYTES8);
    sink.u64(length);
  }
  sink.bytes(bytes);
}

function looseBytes(text: string): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const char of text) {
    const code = char.codePointAt(0)!;
    const isHalf = code >= 0xd800 && code < 0xe000;
    if (!isHalf) parts.push(Buffer.from(char));
    else parts.push(Uint8Array.of(0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)));
  }
  return Buffer.concat(parts);
}
