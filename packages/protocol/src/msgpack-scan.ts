// Finds one integer field of a msgpack map without decoding anything else: how many frames follow
// a payload header is needed for every payload, the rest of the header only by its reader.
import { WireFormatError } from "./errors.js";

/**
 * The small integer that a top-level field of a msgpack map holds.
 *
 * @param document - a msgpack document whose root is a map with string keys
 * @param field - the field's name as bytes, shorter than 32
 * @returns undefined if the map has no such field, or something else in it
 * @throws WireFormatError if the document is no map, or is cut off
 */
export function scanForInteger(document: Uint8Array, field: Uint8Array): number | undefined {
  const scan = new Scan(document);
  let found: number | undefined;
  for (let left = scan.mapCount(); left > 0; left--) {
    const isField = scan.isString(field);
    scan.skip();
    if (isField) found = scan.smallInteger();
    scan.skip();
  }
  return found;
}

class Scan {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  mapCount(): number {
    const token = this.#bytes[this.#at++] ?? 0;
    if (token >> 4 === 8) return token & 0x0f;
    if (token === 0xde) return this.#number(2);
    if (token === 0xdf) return this.#number(4);
    throw new WireFormatError("a payload header is not a map");
  }

  isString(text: Uint8Array): boolean {
    const bytes = this.#bytes;
    if (bytes[this.#at] !== (0xa0 | text.length)) return false;
    for (let i = 0; i < text.length; i++) {
      if (bytes[this.#at + 1 + i] !== text[i]) return false;
    }
    return true;
  }

  smallInteger(): number | undefined {
    const at = this.#at;
    const token = this.#bytes[at] ?? 0xc1;
    if (token < 0x80) return token;
    if (token < 0xcc || token > 0xce) return undefined;
    this.#at += 1;
    const value = this.#number(1 << (token - 0xcc));
    this.#at = at;
    return value;
  }

  /** Skips one value with all it contains; the loop ends since each turn takes a byte or throws. */
  skip(): void {
    for (let pending = 1; pending > 0; pending--) {
      const token = this.#bytes[this.#at++];
      if (token === undefined) throw cutOff();
      if (token < 0x80 || token >= 0xe0) continue;
      if (token < 0x90) pending += 2 * (token & 0x0f);
      else if (token < 0xa0) pending += token & 0x0f;
      else if (token < 0xc0) this.#at += token & 0x1f;
      else pending += this.#skipWide(token);
    }
    if (this.#at > this.#bytes.length) throw cutOff();
  }

  // Skips what follows a wide type byte; returns how many values it contains.
  #skipWide(token: number): number {
    if (token <= 0xc3) return 0;
    if (token <= 0xc6) this.#skipCounted(1 << (token - 0xc4));
    else if (token >= 0xca && token <= 0xd3) this.#at += fixedBytes[token - 0xca]!;
    else if (token >= 0xd9 && token <= 0xdb) this.#skipCounted(1 << (token - 0xd9));
    else if (token >= 0xdc && token <= 0xdd) return this.#number(token === 0xdc ? 2 : 4);
    else if (token >= 0xde) return 2 * this.#number(token === 0xde ? 2 : 4);
    else throw new WireFormatError("a payload header holds a type dask does not use");
    return 0;
  }

  #skipCounted(width: number): void {
    const length = this.#number(width);
    this.#at += length;
  }

  #number(width: number): number {
    let value = 0;
    for (let i = 0; i < width; i++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw cutOff();
      value = value * 256 + byte;
    }
    return value;
  }
}

// float32, float64, uint8 to uint64, int8 to int64
const fixedBytes = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8];

function cutOff(): WireFormatError {
  return new WireFormatError("a payload header is cut off");
}
