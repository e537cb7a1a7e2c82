// Walks over msgpack without decoding it: says whether bytes are one sound document before a
// decoder spends memory on them, and finds one integer of a payload header, which is all that is
// needed of a payload that is only forwarded. It must not know what messages mean.
import { LimitError, WireFormatError } from "./errors.js";
import { wireLimits } from "./limits.js";

/**
 * Checks that bytes are one msgpack document of types that dask uses, within the limits: no count
 * or length exceeds the bytes, text is UTF-8, and nothing follows.
 *
 * @returns true if text in it begins with two underscores, as the tags of dask's maps do
 * @throws WireFormatError if it is no such document, LimitError if it exceeds a limit
 */
export function scanDocument(document: Uint8Array): boolean {
  if (document.length > wireLimits.documentBytes) {
    throw new LimitError("documentBytes", document.length, wireLimits.documentBytes);
  }
  const scan = new Scan(document, true);
  scan.skip();
  scan.end();
  return scan.sawTag;
}

/**
 * The small integer that a top-level field of a msgpack map holds.
 *
 * @param document - a msgpack document whose root is a map with string keys
 * @param field - the field's name as bytes, shorter than 32
 * @returns undefined if the map has no such field, or something else in it
 * @throws WireFormatError if the document is no map, or is cut off; LimitError if it is too deep
 */
export function scanForInteger(document: Uint8Array, field: Uint8Array): number | undefined {
  const scan = new Scan(document, false);
  let found: number | undefined;
  for (let left = scan.mapCount(); left > 0; left--) {
    const isField = scan.isString(field);
    scan.skip();
    if (isField) found = scan.smallInteger();
    scan.skip();
  }
  return found;
}

const decoder = new TextDecoder("utf-8", { fatal: true });
const asciiLoopMax = 256;
// float32, float64, uint8 to uint64, int8 to int64
const fixedBytes = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8];
// Values still to come in the containers around the present one, shared by all scans: none calls
// out while it uses them.
const outer = new Uint32Array(wireLimits.nestingDepth);

class Scan {
  readonly #bytes: Uint8Array;
  readonly #checksText: boolean;
  #at = 0;
  #valuesLeft: number;
  #containersLeft = wireLimits.containersPerDocument;
  #sawTag = false;

  constructor(bytes: Uint8Array, checksText: boolean) {
    this.#bytes = bytes;
    this.#checksText = checksText;
    this.#valuesLeft = bytes.length;
  }

  get sawTag(): boolean {
    return this.#sawTag;
  }

  end(): void {
    const rest = this.#bytes.length - this.#at;
    if (rest > 0) throw this.#broken(`${rest} bytes after the end of the document`);
  }

  mapCount(): number {
    const token = this.#bytes[this.#at++] ?? 0;
    if (token >> 4 === 8) return token & 0x0f;
    if (token === 0xde) return this.#number(2);
    if (token === 0xdf) return this.#number(4);
    throw this.#broken("a payload header is not a map");
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
    const bytes = this.#bytes;
    let depth = 0;
    for (let pending = 1; ; ) {
      while (pending === 0) {
        if (depth === 0) return;
        pending = outer[--depth]!;
      }
      pending -= 1;
      const token = bytes[this.#at++];
      if (token === undefined) throw this.#cutOff();
      if (token < 0x80 || token >= 0xe0) continue;
      if (token >= 0xa0 && token < 0xc0) {
        this.#skipText(token & 0x1f);
        continue;
      }
      const inner = this.#skipWide(token);
      if (inner < 0) continue;
      this.#enter(inner, depth);
      outer[depth++] = pending;
      pending = inner;
    }
  }

  // Skips what follows a type byte that is neither a small integer nor short text; returns how
  // many values a container has, and -1 for what is none.
  #skipWide(token: number): number {
    if (token < 0x90) return 2 * (token & 0x0f);
    if (token < 0xa0) return token & 0x0f;
    if (token >= 0xde) return 2 * this.#number(token === 0xde ? 2 : 4);
    if (token >= 0xdc) return this.#number(token === 0xdc ? 2 : 4);
    if (token >= 0xd9) this.#skipText(this.#number(1 << (token - 0xd9)));
    else if (token >= 0xca && token <= 0xd3) this.#advance(fixedBytes[token - 0xca]!);
    else if (token >= 0xc4 && token <= 0xc6) this.#advance(this.#number(1 << (token - 0xc4)));
    else if (token === 0xc1 || token > 0xc3) throw this.#notUsed(token);
    return -1;
  }

  // Every value takes a byte at least, so that all counts of a true document sum to less than its
  // length: what a decoder allocates by them is bounded.
  #enter(values: number, depth: number): void {
    this.#valuesLeft -= values;
    if (this.#valuesLeft < 0) throw this.#broken("a count is larger than the document");
    if (depth >= wireLimits.nestingDepth) {
      throw new LimitError("nestingDepth", depth + 1, wireLimits.nestingDepth);
    }
    if (--this.#containersLeft < 0) {
      const max = wireLimits.containersPerDocument;
      throw new LimitError("containersPerDocument", max + 1, max);
    }
  }

  #skipText(length: number): void {
    const start = this.#at;
    this.#advance(length);
    if (!this.#checksText) return;
    const bytes = this.#bytes;
    if (bytes[start] === 0x5f && bytes[start + 1] === 0x5f && length > 1) this.#sawTag = true;
    if (length > asciiLoopMax) {
      this.#checkUtf8(start, length);
      return;
    }
    let seen = 0;
    for (let i = start; i < start + length; i++) seen |= bytes[i]!;
    if (seen > 0x7f) this.#checkUtf8(start, length);
  }

  #checkUtf8(start: number, length: number): void {
    if (length > wireLimits.stringBytes) {
      throw new LimitError("stringBytes", length, wireLimits.stringBytes);
    }
    try {
      decoder.decode(this.#bytes.subarray(start, start + length));
    } catch (cause) {
      throw this.#broken("text is not UTF-8", cause);
    }
  }

  #advance(count: number): void {
    this.#at += count;
    if (this.#at > this.#bytes.length) throw this.#cutOff();
  }

  #number(width: number): number {
    let value = 0;
    for (let i = 0; i < width; i++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw this.#cutOff();
      value = value * 256 + byte;
    }
    return value;
  }

  #notUsed(token: number): WireFormatError {
    return this.#broken(`it holds type byte 0x${token.toString(16)}, which dask does not use`);
  }

  #cutOff(): WireFormatError {
    return this.#broken("the document is cut off");
  }

  #broken(reason: string, cause?: unknown): WireFormatError {
    const offset = Math.min(this.#at, this.#bytes.length);
    return new WireFormatError(`not msgpack of dask: ${reason} (at byte ${offset})`, {
      offset,
      cause,
    });
  }
}
