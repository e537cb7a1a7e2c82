// Writes one msgpack document the way dask's peers read it: nil, booleans, numbers, strings, bytes,
// arrays and maps, no ext types. Checks while it writes, so that nothing unfit leaves half sent.
// It must not know what payloads are: whoever calls says what stands in for foreign objects.
import { LimitError, WireFormatError } from "./errors.js";
import { wireLimits } from "./limits.js";
import { pathOf } from "./message-path.js";

/** Gives what to write in place of an object that msgpack has no form for, or undefined. */
export type StandIn = (value: object) => object | undefined;

const scratchBytes = 64 * 2 ** 10;
const asciiLoopMax = 96;
const encoder = new TextEncoder();
const loneSurrogate = /\p{Surrogate}/u;

let bytes = new Uint8Array(scratchBytes);
let view = new DataView(bytes.buffer);
let at = 0;
let standIn: StandIn | undefined;
let busy = false;

/** Thrown inside, so that the path of the culprit is only sought when there is one. */
class Unfit extends Error {
  readonly culprit: unknown;
  constructor(reason: string, culprit: unknown) {
    super(reason);
    this.culprit = culprit;
  }
}

/**
 * Packs a value into one msgpack document.
 *
 * @param value - what to write; undefined, functions, dates and class instances are refused
 * @param forForeign - what to write for objects of other classes
 * @throws WireFormatError with the path of the value that cannot be written
 */
export function packDocument(value: unknown, forForeign?: StandIn): Uint8Array {
  // A stand-in may itself pack a document (a payload's header) while this one is half written.
  const outer = busy ? { bytes, view, at, standIn } : undefined;
  if (outer !== undefined) renew(scratchBytes);
  busy = true;
  at = 0;
  standIn = forForeign;
  try {
    write(value, 0);
    return take();
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    const path = pathOf(error.culprit, value);
    throw new WireFormatError(`${path} cannot be sent: ${error.message}`, { path });
  } finally {
    if (outer !== undefined) {
      ({ bytes, view, at, standIn } = outer);
    } else {
      busy = false;
      standIn = undefined;
      if (bytes.length > scratchBytes) renew(scratchBytes);
    }
  }
}

// Small documents are copied out so that a queued message pins no scratch space; of a large one
// the scratch space itself is given away.
function take(): Uint8Array {
  if (bytes.length === scratchBytes) return bytes.slice(0, at);
  const taken = bytes.subarray(0, at);
  renew(scratchBytes);
  return taken;
}

function renew(length: number): void {
  bytes = new Uint8Array(length);
  view = new DataView(bytes.buffer);
}

function reserve(count: number): void {
  if (at + count <= bytes.length) return;
  if (at + count > wireLimits.documentBytes) {
    throw new LimitError("documentBytes", at + count, wireLimits.documentBytes);
  }
  const old = bytes;
  renew(Math.max(at + count, Math.min(2 * old.length, wireLimits.documentBytes)));
  bytes.set(old.subarray(0, at));
}

function write(value: unknown, depth: number): void {
  if (typeof value === "string") {
    writeString(value);
  } else if (typeof value === "number") {
    writeNumber(value);
  } else if (typeof value === "object") {
    if (value === null) writeByte(0xc0);
    else writeObject(value, depth);
  } else if (typeof value === "boolean") {
    writeByte(value ? 0xc3 : 0xc2);
  } else if (typeof value === "bigint") {
    writeBigint(value);
  } else {
    throw new Unfit(`it is ${typeof value}`, value);
  }
}

function writeByte(byte: number): void {
  reserve(1);
  bytes[at++] = byte;
}

function writeObject(value: object, depth: number): void {
  if (depth >= wireLimits.nestingDepth) {
    throw new Unfit(`it is nested more than ${wireLimits.nestingDepth} deep, or circular`, value);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    writeFields(value as Record<string, unknown>, depth + 1);
  } else if (Array.isArray(value)) {
    writeArray(value, depth + 1);
  } else if (value instanceof Uint8Array) {
    writeBytes(value);
  } else if (value instanceof Map) {
    writeMap(value, depth + 1);
  } else if (value instanceof Set) {
    writeFields({ __Set__: true, "as-list": [...value] }, depth + 1);
  } else {
    writeForeign(value, depth);
  }
}

function writeForeign(value: object, depth: number): void {
  const instead = standIn?.(value);
  if (instead === undefined) {
    throw new Unfit(
      `instances of ${value.constructor?.name ?? "a class"} have no wire form`,
      value,
    );
  }
  writeObject(instead, depth);
}

// for-in over one hidden class reads fields by index, which Object.keys does not; the prototype
// was checked, and has no enumerable fields unless a program broke it.
function writeFields(value: Record<string, unknown>, depth: number): void {
  let count = 0;
  for (const _ in value) count += 1;
  writeCount(count, 0x80, 0xde);
  for (const key in value) {
    writeString(key);
    const field = value[key];
    if (typeof field === "string") writeString(field);
    else write(field, depth);
  }
}

function writeMap(value: ReadonlyMap<unknown, unknown>, depth: number): void {
  writeCount(value.size, 0x80, 0xde);
  for (const [key, item] of value) {
    write(key, depth);
    write(item, depth);
  }
}

// An index loop: holes of a sparse array must be seen as the undefined they are.
function writeArray(value: readonly unknown[], depth: number): void {
  writeCount(value.length, 0x90, 0xdc);
  for (let i = 0; i < value.length; i++) write(value[i], depth);
}

function writeCount(count: number, fix: number, wide: number): void {
  reserve(5);
  if (count < 16) {
    bytes[at++] = fix | count;
  } else if (count < 0x10000) {
    bytes[at++] = wide;
    bytes[at++] = count >> 8;
    bytes[at++] = count;
  } else {
    bytes[at++] = wide + 1;
    view.setUint32(at, count);
    at += 4;
  }
}

function writeBytes(value: Uint8Array): void {
  const length = value.length;
  reserve(length + 5);
  writeLength(length, 0xc4);
  bytes.set(value, at);
  at += length;
}

function writeLength(length: number, narrow: number): void {
  if (length < 0x100) {
    bytes[at++] = narrow;
    bytes[at++] = length;
  } else if (length < 0x10000) {
    bytes[at++] = narrow + 1;
    bytes[at++] = length >> 8;
    bytes[at++] = length;
  } else {
    bytes[at++] = narrow + 2;
    view.setUint32(at, length);
    at += 4;
  }
}

function writeString(text: string): void {
  const length = text.length;
  if (length > asciiLoopMax || !writeAscii(text, length)) writeLongString(text);
}

function writeAscii(text: string, length: number): boolean {
  reserve(length + 2);
  let to = at + (length < 32 ? 1 : 2);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return false;
    bytes[to++] = code;
  }
  if (length < 32) {
    bytes[at] = 0xa0 | length;
  } else {
    bytes[at] = 0xd9;
    bytes[at + 1] = length;
  }
  at = to;
  return true;
}

// Written behind the widest header it could need, then moved if the header turns out narrower.
function writeLongString(text: string): void {
  reserve(text.length * 3 + 5);
  const widest = headerBytes(text.length * 3);
  const body = at + widest;
  const { written } = encoder.encodeInto(text, bytes.subarray(body));
  if (written > wireLimits.stringBytes) {
    throw new LimitError("stringBytes", written, wireLimits.stringBytes);
  }
  if (written !== text.length && loneSurrogate.test(text)) {
    throw new Unfit("it is text with a lone surrogate, which UTF-8 cannot hold", text);
  }
  const header = headerBytes(written);
  if (header !== widest) bytes.copyWithin(at + header, body, body + written);
  if (header === 1) bytes[at++] = 0xa0 | written;
  else writeLength(written, 0xd9);
  at += written;
}

function headerBytes(length: number): number {
  if (length < 32) return 1;
  if (length < 0x100) return 2;
  return length < 0x10000 ? 3 : 5;
}

function writeNumber(value: number): void {
  reserve(9);
  if (value >>> 0 === value) {
    writeUnsigned(value);
  } else if (value >> 0 === value) {
    writeNegative(value);
  } else if (Number.isSafeInteger(value)) {
    writeBigint(BigInt(value));
  } else {
    bytes[at] = 0xcb;
    view.setFloat64(at + 1, value);
    at += 9;
  }
}

function writeUnsigned(value: number): void {
  if (value < 0x80) {
    bytes[at++] = value;
  } else if (value < 0x100) {
    bytes[at++] = 0xcc;
    bytes[at++] = value;
  } else if (value < 0x10000) {
    bytes[at++] = 0xcd;
    bytes[at++] = value >> 8;
    bytes[at++] = value;
  } else {
    bytes[at] = 0xce;
    view.setUint32(at + 1, value);
    at += 5;
  }
}

function writeNegative(value: number): void {
  if (value >= -0x20) {
    bytes[at++] = value;
  } else if (value >= -0x80) {
    bytes[at++] = 0xd0;
    bytes[at++] = value;
  } else if (value >= -0x8000) {
    bytes[at] = 0xd1;
    view.setInt16(at + 1, value);
    at += 3;
  } else {
    bytes[at] = 0xd2;
    view.setInt32(at + 1, value);
    at += 5;
  }
}

function writeBigint(value: bigint): void {
  reserve(9);
  if (value >= -0x80000000n && value <= 0xffffffffn) {
    writeNumber(Number(value));
    return;
  }
  const unsigned = value > 0n;
  if ((unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value)) !== value) {
    throw new Unfit("it is an integer of more than 64 bits", value);
  }
  bytes[at] = unsigned ? 0xcf : 0xd3;
  view.setBigUint64(at + 1, BigInt.asUintN(64, value));
  at += 9;
}
