// Opens a payload as far as its header tells without knowing any value type: undoes compression
// and splitting, and takes collections apart. Corresponds to `distributed.protocol.serialize`.
// Pickles and arrays stay closed: their readers live elsewhere.
import { UnserializableError, WireFormatError } from "./errors.js";
import { wireLimits } from "./limits.js";
import { unpackDocument } from "./msgpack.js";
import type { PayloadHeader, Pickled, Serialized } from "./serialized.js";

/**
 * Undoes one compression. Must refuse to give more than the maximum.
 *
 * @param compression - dask's name, such as `"zlib"`
 * @param bytes - the compressed frame
 * @param maxBytes - the most it may give
 */
export type Inflate = (compression: string, bytes: Uint8Array, maxBytes: number) => Uint8Array;

/** One value of a payload, still in the form of its serializer. */
export interface ValuePart {
  readonly type: "value";
  /** The serializer family: `"pickle"`, `"dask"`, `"acme"`, … */
  readonly serializer: string;
  readonly header: PayloadHeader;
  readonly frames: readonly Uint8Array[];
}

/** A value that dask sent as msgpack, decoded. */
export interface MsgpackPart {
  readonly type: "msgpack";
  readonly value: unknown;
}

/** A Python collection whose members were serialized one by one. */
export interface CollectionPart {
  readonly type: "collection";
  readonly collection: "tuple" | "list" | "set" | "dict";
  readonly items: readonly PayloadPart[];
  /** Keys of the items of a dict, in order; otherwise empty. */
  readonly keys: readonly unknown[];
}

/** What a payload holds. */
export type PayloadPart = ValuePart | MsgpackPart | CollectionPart;

const nestingMax = 64;

/**
 * The logical frames of a payload: decompressed, and put together where the sender split them.
 * Frames that were neither are given as they are.
 *
 * @param payload - the payload
 * @param inflate - undoes compression; without it a compressed frame is refused
 * @throws WireFormatError if the header contradicts the frames
 */
export function logicalFrames(
  payload: Serialized | Pickled,
  inflate?: Inflate,
): readonly Uint8Array[] {
  const { header, frames } = payload;
  return merge(header, decompress(header, frames, inflate));
}

/**
 * Takes a payload apart.
 *
 * @param payload - the payload
 * @param inflate - undoes compression; without it a compressed frame is refused
 * @throws WireFormatError if the header contradicts the frames; UnserializableError if the sender
 *   says that it could not serialize the value
 * @example
 * ```ts
 * const part = openPayload(reply.get("data"));
 * if (part.type === "value" && part.serializer === "pickle") unpickle(part.frames);
 * ```
 */
export function openPayload(payload: Serialized | Pickled, inflate?: Inflate): PayloadPart {
  return open(payload.header, logicalFrames(payload, inflate), 0);
}

function decompress(
  header: PayloadHeader,
  frames: readonly Uint8Array[],
  inflate: Inflate | undefined,
): readonly Uint8Array[] {
  const names = header.get("compression") ?? [];
  if (!Array.isArray(names)) throw new WireFormatError("`compression` of a payload is no list");
  if (!names.some((name) => name !== null)) return frames;
  return frames.map((frame, i) => {
    const name: unknown = names[i] ?? null;
    if (name === null) return frame;
    if (typeof name === "string" && inflate) return inflate(name, frame, wireLimits.frameBytes);
    throw new WireFormatError(`a payload is compressed with ${String(name)}; set it to none there`);
  });
}

function merge(header: PayloadHeader, frames: readonly Uint8Array[]): readonly Uint8Array[] {
  if (!header.has("split-num-sub-frames")) return frames;
  const counts = integers(header.get("split-num-sub-frames"), "split-num-sub-frames");
  const offsets = integers(header.get("split-offsets"), "split-offsets");
  if (offsets.length !== counts.length) {
    throw new WireFormatError("`split-offsets` and `split-num-sub-frames` differ in length");
  }
  let nextFree = 0;
  return counts.map((count, i) => {
    const from = offsets[i]!;
    // Strictly onwards: a frame used twice would let a small payload grow without bound.
    if (from < nextFree || from + count > frames.length) {
      throw new WireFormatError(`frames ${from} to ${from + count} of a payload do not exist`);
    }
    nextFree = from + count;
    return count === 1 ? frames[from]! : concat(frames.slice(from, nextFree));
  });
}

function concat(frames: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const frame of frames) size += frame.byteLength;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const frame of frames) {
    whole.set(frame, at);
    at += frame.byteLength;
  }
  return whole;
}

function open(header: PayloadHeader, frames: readonly Uint8Array[], depth: number): PayloadPart {
  if (depth > nestingMax) throw new WireFormatError("collections of a payload nest too deep");
  if (header.get("is-collection") === true) return openCollection(header, frames, depth);
  if (header.has("pickled-obj")) return { type: "value", serializer: "pickle", header, frames };
  const serializer = header.get("serializer");
  if (serializer === "msgpack") return { type: "msgpack", value: unpackDocument(concat(frames)) };
  if (serializer === "error") {
    const text = new TextDecoder();
    throw new UnserializableError(frames.map((frame) => text.decode(frame)).join("\n"));
  }
  if (typeof serializer !== "string") throw new WireFormatError("a payload names no serializer");
  return { type: "value", serializer, header, frames };
}

function openCollection(
  header: PayloadHeader,
  frames: readonly Uint8Array[],
  depth: number,
): CollectionPart {
  const collection = header.get("type-serialized");
  const headers = header.get("sub-headers");
  const counts = integers(header.get("frame-lengths"), "frame-lengths");
  if (!isCollection(collection) || !Array.isArray(headers) || headers.length !== counts.length) {
    throw new WireFormatError("a collection in a payload has a contradictory header");
  }
  const items: PayloadPart[] = [];
  const keys: unknown[] = [];
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    const inner: unknown = headers[i];
    const end = at + counts[i]!;
    if (!(inner instanceof Map) || end > frames.length) {
      throw new WireFormatError(`member ${i} of a collection in a payload is missing`);
    }
    items.push(open(inner, frames.slice(at, end), depth + 1));
    if (collection === "dict") keys.push(inner.get("key"));
    at = end;
  }
  return { type: "collection", collection, items, keys };
}

function isCollection(name: unknown): name is CollectionPart["collection"] {
  return name === "tuple" || name === "list" || name === "set" || name === "dict";
}

function integers(value: unknown, field: string): number[] {
  const fits = (item: unknown) => Number.isSafeInteger(item) && (item as number) >= 0;
  if (Array.isArray(value) && value.every(fits)) return value;
  throw new WireFormatError(`\`${field}\` of a payload is no list of counts`);
}
