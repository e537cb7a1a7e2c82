// Writes what dask's peers read as msgpack: nil, booleans, numbers, text, bytes, arrays and maps.
// One pass checks and writes; all else is refused with its path. It must not know what payloads
// are: whoever calls gives their stand-ins.
import { LimitError, WireFormatError } from "./errors.js";
import { scratchBytesMax, wireLimits } from "./limits.js";
import { pathOf } from "./message-path.js";

/** Gives what to write in place of an object that msgpack has no form for, or undefined. */
export type StandIn = (value: object) => Readonly<Record<string, unknown>> | undefined;

/** Thrown inside, so that the path of the culprit is only sought when there is one. */
class Unfit extends Error {
  readonly culprit: unknown;
  constructor(reason: string, culprit: unknown) {
    super(reason);
    this.culprit = culprit;
  }
}

// Its scratch space is kept between documents; a stand-in may need another while it is in use.
let idle: Writer | undefined;

/**
 * Packs a value into one msgpack document of its own memory.
 *
 * @param value - what to write; undefined, functions, dates and class instances are refused
 * @param standIn - what to write for objects of other classes
 * @throws WireFormatError with the path of the value that cannot be written; LimitError if the
 *   document is larger than a peer accepts
 */
export function packDocument(value: unknown, standIn?: StandIn): Uint8Array {
  const writer = idle ?? new Writer();
  idle = undefined;
  try {
    return writer.document(value, standIn);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    const path = pathOf(error.culprit, value);
    throw new WireFormatError(`${path} cannot be sent: ${error.message}`, { path });
  } finally {
    idle = writer;
  }
}

const scratchBytes = scratchBytesMax / 16;
/** Text up to this length is written character by character as long as it is ASCII. */
const shortText = 64;
/** Longer text is encoded by itself, since its room in the worst case is three times its length. */
const textInPlace = 4096;
const encoder = new TextEncoder();

// In every engine since 2023, but not in the library this project is compiled against.
const { isWellFormed } = String.prototype as unknown as { isWellFormed(this: string): boolean };

class Writer {
  #bytes = new Uint8Array(scratchBytes);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #standIn: StandIn | undefined;
  /** The document will have as many bytes at least; checked before memory is spent on it. */
  #least = 0;
  #containers = 0;

  document(value: unknown, standIn: StandIn | undefined): Uint8Array {
    if (this.#bytes.length > scratchBytesMax) this.#use(new Uint8Array(scratchBytes));
    this.#at = 0;
    this.#least = 0;
    this.#containers = 0;
    this.#standIn = standIn;
    this.#value(value, 0);
    const length = this.#at;
    if (length > wireLimits.documentBytes) {
      throw new LimitError("documentBytes", length, wireLimits.documentBytes);
    }
    return this.#bytes.slice(0, length);
  }

  #value(value: unknown, depth: number): void {
    switch (typeof value) {
      case "string":
        this.#text(value);
        return;
      case "number":
        this.#number(value);
        return;
      case "object":
        if (value === null) this.#byte(0xc0);
        else this.#object(value, depth);
        return;
      case "boolean":
        this.#byte(value ? 0xc3 : 0xc2);
        return;
      case "bigint":
        this.#bigint(value);
        return;
      default:
        throw new Unfit(`it is ${typeof value}`, value);
    }
  }

  #object(value: object, depth: number): void {
    if (depth >= wireLimits.nestingDepth) {
      throw new Unfit(`it is nested more than ${wireLimits.nestingDepth} deep, or circular`, value);
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      this.#fields(value as Record<string, unknown>, depth + 1);
    } else if (Array.isArray(value)) this.#array(value, depth + 1);
    else if (value instanceof Uint8Array) this.#binary(value);
    else if (value instanceof Map) this.#map(value, depth + 1);
    else if (value instanceof Set) {
      this.#fields({ __Set__: true, "as-list": [...value] }, depth + 1);
    } else {
      const instead = this.#standIn?.(value);
      if (instead === undefined) {
        const name = value.constructor?.name ?? "a class";
        throw new Unfit(`instances of ${name} have no wire form`, value);
      }
      this.#fields(instead, depth + 1);
    }
  }

  // for-in over one hidden class reads fields by index, which Object.keys does not; the prototype
  // was checked, and has no enumerable fields unless a program broke it. Most maps have few
  // fields, so their number is put in front afterwards.
  #fields(value: Readonly<Record<string, unknown>>, depth: number): void {
    this.#enter(0);
    this.#byte(0x80);
    const start = this.#at;
    let count = 0;
    for (const key in value) {
      this.#text(key);
      this.#value(value[key], depth);
      count += 1;
    }
    if (count < 16) this.#bytes[start - 1] = 0x80 | count;
    else {
      const end = this.#at;
      this.#reserve(4);
      this.#at = start - 1;
      this.#bytes.copyWithin(start + (count < 2 ** 16 ? 2 : 4), start, end);
      this.#header16(0xde, count);
      this.#at += end - start;
    }
  }

  #map(value: ReadonlyMap<unknown, unknown>, depth: number): void {
    this.#enter(2 * value.size);
    if (value.size < 16) this.#byte(0x80 | value.size);
    else this.#header16(0xde, value.size);
    for (const [key, item] of value) {
      this.#value(key, depth);
      this.#value(item, depth);
    }
  }

  // An index loop: holes of a sparse array must be seen as the undefined they are.
  #array(value: readonly unknown[], depth: number): void {
    this.#enter(value.length);
    if (value.length < 16) this.#byte(0x90 | value.length);
    else this.#header16(0xdc, value.length);
    for (let i = 0; i < value.length; i++) this.#value(value[i], depth);
  }

  #binary(value: Uint8Array): void {
    const { length } = value;
    this.#count(length);
    this.#reserve(length);
    if (length < 2 ** 8) this.#header8(0xc4, length);
    else this.#header16(0xc5, length);
    this.#reserve(length);
    this.#bytes.set(value, this.#at);
    this.#at += length;
  }

  #text(text: string): void {
    const { length } = text;
    this.#count(length);
    if (length > shortText) {
      this.#wideText(text);
      return;
    }
    this.#reserve(length + 2);
    const bytes = this.#bytes;
    let at = this.#at;
    if (length < 32) bytes[at++] = 0xa0 | length;
    else {
      bytes[at++] = 0xd9;
      bytes[at++] = length;
    }
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) {
        this.#wideText(text);
        return;
      }
      bytes[at++] = code;
    }
    this.#at = at;
  }

  #wideText(text: string): void {
    if (!isWellFormed.call(text)) {
      throw new Unfit("it is text with a lone surrogate, which UTF-8 cannot hold", text);
    }
    if (text.length > textInPlace) {
      const encoded = encoder.encode(text);
      this.#textHeader(encoded.length);
      this.#reserve(encoded.length);
      this.#bytes.set(encoded, this.#at);
      this.#at += encoded.length;
      return;
    }
    const start = this.#at;
    this.#reserve(5 + 3 * text.length);
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(start + 5));
    this.#textHeader(written);
    this.#bytes.copyWithin(this.#at, start + 5, start + 5 + written);
    this.#at += written;
  }

  #textHeader(length: number): void {
    if (length < 32) this.#byte(0xa0 | length);
    else if (length < 2 ** 8) this.#header8(0xd9, length);
    else this.#header16(0xda, length);
  }

  // Whole numbers beyond 32 bits must not become floats, which Python tells from integers.
  #number(value: number): void {
    this.#reserve(9);
    if (value >>> 0 === value) this.#unsigned(value);
    else if (value >> 0 === value) this.#negative(value);
    else if (Number.isInteger(value) && Math.abs(value) <= 2 ** 53) {
      this.#bytes[this.#at] = 0xd3;
      this.#view.setInt32(this.#at + 1, Math.floor(value / 2 ** 32));
      this.#view.setUint32(this.#at + 5, value >>> 0);
      this.#at += 9;
    } else {
      this.#bytes[this.#at] = 0xcb;
      this.#view.setFloat64(this.#at + 1, value);
      this.#at += 9;
    }
  }

  #unsigned(value: number): void {
    if (value < 0x80) this.#bytes[this.#at++] = value;
    else if (value < 2 ** 8) this.#header8(0xcc, value);
    else this.#header16(0xcd, value);
  }

  #negative(value: number): void {
    const at = this.#at;
    if (value >= -0x20) {
      this.#bytes[at] = value;
      this.#at += 1;
    } else if (value >= -0x80) {
      this.#bytes[at] = 0xd0;
      this.#bytes[at + 1] = value;
      this.#at += 2;
    } else if (value >= -0x8000) {
      this.#bytes[at] = 0xd1;
      this.#view.setInt16(at + 1, value);
      this.#at += 3;
    } else {
      this.#bytes[at] = 0xd2;
      this.#view.setInt32(at + 1, value);
      this.#at += 5;
    }
  }

  #bigint(value: bigint): void {
    if (value >= -(2n ** 53n) && value <= 2n ** 53n) {
      this.#number(Number(value));
      return;
    }
    this.#reserve(9);
    const isSigned = BigInt.asIntN(64, value) === value;
    if (!isSigned && BigInt.asUintN(64, value) !== value) {
      throw new Unfit("it is an integer of more than 64 bits", value);
    }
    this.#bytes[this.#at] = isSigned ? 0xd3 : 0xcf;
    this.#view.setBigInt64(this.#at + 1, value);
    this.#at += 9;
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = byte;
  }

  #header8(type: number, value: number): void {
    this.#reserve(2);
    this.#bytes[this.#at] = type;
    this.#bytes[this.#at + 1] = value;
    this.#at += 2;
  }

  /** A type byte and 16 bits, or the next type byte and 32 bits. */
  #header16(type: number, value: number): void {
    this.#reserve(5);
    const isSmall = value < 2 ** 16;
    this.#bytes[this.#at] = isSmall ? type : type + 1;
    if (isSmall) this.#view.setUint16(this.#at + 1, value);
    else this.#view.setUint32(this.#at + 1, value);
    this.#at += isSmall ? 3 : 5;
  }

  // Also what ends the walk of an object that contains another many times over.
  #enter(values: number): void {
    this.#count(values);
    this.#containers += 1;
    if (this.#containers > wireLimits.containersPerDocument) {
      const max = wireLimits.containersPerDocument;
      throw new LimitError("containersPerDocument", this.#containers, max);
    }
  }

  #count(bytes: number): void {
    this.#least += bytes + 1;
    if (this.#least > wireLimits.documentBytes) {
      throw new LimitError("documentBytes", this.#least, wireLimits.documentBytes);
    }
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#use(grown);
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
