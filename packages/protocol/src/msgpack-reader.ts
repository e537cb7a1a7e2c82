// Reads one msgpack document: arrays become arrays, maps become Map, in one pass that trusts no
// count, length or depth the document declares. Ext types are refused: dask sends none.
// It must not know what payloads are: the caller is asked what a tagged map (`__Set__`) stands for.
import { assert } from "./assert.js";
import { LimitError, WireFormatError } from "./errors.js";
import { wireLimits } from "./limits.js";

/** Gives the value of a map that has a key beginning with two underscores. */
export type OnTagged = (map: Map<unknown, unknown>) => unknown;

const keyCacheSlots = 1024;
const textCacheSlots = 4096;
const cachedTextMax = 24;
const loopCopyMax = 64;
const decodeLoopMax = 20;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const keyCache: string[] = new Array<string>(keyCacheSlots).fill("");
const textCache: string[] = new Array<string>(textCacheSlots).fill("");

const empty = new Uint8Array(0);
const emptyView = new DataView(empty.buffer);
let bytes = empty;
let view = emptyView;
let at = 0;
let end = 0;
let valuesLeft = 0;
let containersLeft = 0;
let onTagged: OnTagged | undefined;

/**
 * Unpacks one msgpack document.
 *
 * @param document - all bytes of the document; the result holds no view of them
 * @param forTagged - gives the value of tagged maps; without it they stay maps
 * @throws WireFormatError if the bytes are no document, LimitError if it is nested too deep
 */
export function unpackDocument(document: Uint8Array, forTagged?: OnTagged): unknown {
  assert(bytes === empty, "unpackDocument called from within onTagged");
  if (document.length > wireLimits.documentBytes) {
    throw new LimitError("documentBytes", document.length, wireLimits.documentBytes);
  }
  at = 0;
  end = document.length;
  valuesLeft = end;
  containersLeft = wireLimits.containersPerDocument;
  onTagged = forTagged;
  // A plain view even of a Buffer: one hidden class keeps the reader fast.
  const { buffer, byteOffset, length } = document as Uint8Array<ArrayBuffer>;
  bytes = new Uint8Array(buffer, byteOffset, length);
  view = new DataView(buffer, byteOffset, length);
  try {
    const value = read(0);
    if (at !== end) throw broken(`${end - at} bytes after the end of the document`);
    return value;
  } catch (error) {
    if (error instanceof RangeError) throw broken("the document is cut off", error);
    throw error;
  } finally {
    bytes = empty;
    view = emptyView;
    onTagged = undefined;
  }
}

function broken(reason: string, cause?: unknown): WireFormatError {
  return new WireFormatError(`not a message: ${reason} (at byte ${at})`, { offset: at, cause });
}

function read(depth: number): unknown {
  if (at >= end) throw broken("the document is cut off");
  const token = bytes[at++]!;
  if (token < 0x80) return token;
  if (token < 0x90) return readMap(token & 0x0f, depth);
  if (token < 0xa0) return readArray(token & 0x0f, depth);
  if (token < 0xc0) return readText(token & 0x1f, textCache);
  if (token >= 0xe0) return token - 0x100;
  return readWide(token, depth);
}

function readWide(token: number, depth: number): unknown {
  switch (token) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return readBytes(readLength(token - 0xc4));
    case 0xd9:
    case 0xda:
    case 0xdb:
      return readText(readLength(token - 0xd9), textCache);
    case 0xdc:
    case 0xdd:
      return readArray(readLength(token - 0xdb), depth);
    case 0xde:
    case 0xdf:
      return readMap(readLength(token - 0xdd), depth);
    default:
      return readNumber(token);
  }
}

function readNumber(token: number): number | bigint {
  const start = at;
  switch (token) {
    case 0xca:
      at += 4;
      return view.getFloat32(start);
    case 0xcb:
      at += 8;
      return view.getFloat64(start);
    case 0xcc:
      at += 1;
      return view.getUint8(start);
    case 0xcd:
      at += 2;
      return view.getUint16(start);
    case 0xce:
      at += 4;
      return view.getUint32(start);
    case 0xcf:
      at += 8;
      return readWideInteger(view.getUint32(start), view.getBigUint64(start));
    case 0xd0:
      at += 1;
      return view.getInt8(start);
    case 0xd1:
      at += 2;
      return view.getInt16(start);
    case 0xd2:
      at += 4;
      return view.getInt32(start);
    case 0xd3:
      at += 8;
      return readWideInteger(view.getInt32(start), view.getBigInt64(start));
    default:
      at = start - 1;
      throw broken(`type byte 0x${token.toString(16)} is not used by dask`);
  }
}

function readWideInteger(high: number, exact: bigint): number | bigint {
  return high < 0x200000 && high >= -0x200000 ? Number(exact) : exact;
}

// kind 0, 1, 2: a length of one, two, four bytes
function readLength(kind: number): number {
  const start = at;
  if (kind === 0) {
    at += 1;
    return view.getUint8(start);
  }
  if (kind === 1) {
    at += 2;
    return view.getUint16(start);
  }
  at += 4;
  return view.getUint32(start);
}

// Every value takes a byte at least, so that all counts of a true document sum to less than its
// length; this is checked before anything is allocated.
function enter(values: number, depth: number): void {
  valuesLeft -= values;
  if (valuesLeft < 0) throw broken("a count is larger than the document");
  if (depth >= wireLimits.nestingDepth) {
    throw new LimitError("nestingDepth", depth + 1, wireLimits.nestingDepth);
  }
  if (--containersLeft < 0) {
    const max = wireLimits.containersPerDocument;
    throw new LimitError("containersPerDocument", max + 1, max);
  }
}

function readArray(count: number, depth: number): unknown[] {
  enter(count, depth);
  const items: unknown[] = new Array(count);
  for (let i = 0; i < count; i++) items[i] = read(depth + 1);
  return items;
}

function readMap(count: number, depth: number): unknown {
  enter(2 * count, depth);
  const map = new Map<unknown, unknown>();
  let tagged = false;
  for (let i = 0; i < count; i++) {
    const key = readKey(depth);
    if (typeof key === "string" && key.charCodeAt(0) === 0x5f && key.charCodeAt(1) === 0x5f) {
      tagged = true;
    }
    map.set(key, read(depth + 1));
  }
  return tagged && onTagged !== undefined ? onTagged(map) : map;
}

function readKey(depth: number): unknown {
  const token = bytes[at];
  if (token === undefined || token < 0xa0 || token >= 0xc0) return read(depth + 1);
  at += 1;
  return readText(token & 0x1f, keyCache);
}

function readBytes(length: number): Uint8Array {
  if (length > end - at) throw broken("bytes are longer than the document");
  const start = at;
  at += length;
  if (length > loopCopyMax) return bytes.slice(start, at);
  const copy = new Uint8Array(length);
  for (let i = 0; i < length; i++) copy[i] = bytes[start + i]!;
  return copy;
}

// Field names, ops and addresses repeat in every message: they are compared with the string last
// seen in their slot, which costs less than making a new one and keeps a single copy in memory.
function readText(length: number, cache: string[]): string {
  const start = at;
  if (length > end - start) throw broken("a string is longer than the document");
  at = start + length;
  if (length > cachedTextMax || length === 0) return length === 0 ? "" : decodeText(start, length);
  const slot = slotOf(start, length) & (cache.length - 1);
  const cached = cache[slot]!;
  if (cached.length === length && isText(cached, start)) return cached;
  const text = decodeText(start, length);
  cache[slot] = text;
  return text;
}

// Four sampled bytes tell field names apart well enough; a clash only costs a new string.
function slotOf(start: number, length: number): number {
  const ends = (bytes[start]! << 5) ^ bytes[start + length - 1]!;
  const middle = (bytes[start + (length >> 1)]! << 3) ^ bytes[start + (length >> 2)]!;
  return (ends ^ (middle << 2) ^ (length << 7)) >>> 0;
}

function isText(text: string, start: number): boolean {
  for (let i = text.length - 1; i >= 0; i--) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}

function decodeText(start: number, length: number): string {
  if (length > wireLimits.stringBytes) {
    throw new LimitError("stringBytes", length, wireLimits.stringBytes);
  }
  if (length <= decodeLoopMax) {
    const text = decodeAscii(start, length);
    if (text !== undefined) return text;
  }
  try {
    return decoder.decode(bytes.subarray(start, start + length));
  } catch (cause) {
    throw broken("a string is not UTF-8", cause);
  }
}

function decodeAscii(start: number, length: number): string | undefined {
  const units = new Array<number>(length);
  for (let i = 0; i < length; i++) {
    const byte = bytes[start + i]!;
    if (byte > 0x7f) return undefined;
    units[i] = byte;
  }
  return String.fromCharCode.apply(null, units);
}
