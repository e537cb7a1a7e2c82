// Messages to frames and back: frame 0 is the msgpack document, payloads follow as header and raw
// frames, and a placeholder in the document gives their place. Corresponds to
// `distributed.protocol.core`. It must not know what any message means.
import { LimitError, WireFormatError } from "./errors.js";
import { wireLimits } from "./limits.js";
import { unpackDocument } from "./msgpack.js";
import { packDocument } from "./msgpack-writer.js";
import { frameCountOf, Pickled, Serialized } from "./serialized.js";

/**
 * What a message may hold. On the way out plain objects and Map are maps alike; on the way in
 * maps are always Map ({@link WireMap}). Python's tuples and lists are both arrays.
 */
export type WireValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Serialized
  | Pickled
  | readonly WireValue[]
  | ReadonlySet<WireValue>
  | ReadonlyMap<WireValue, WireValue>
  | { readonly [field: string]: WireValue };

/** A map of a decoded message. Keys may be arrays (tuple keys): see {@link taskKey}. */
export type WireMap = ReadonlyMap<WireValue, WireValue>;

/**
 * Encodes one message into frames.
 *
 * @param message - a {@link WireValue}; message interfaces are accepted as they are, since an
 *   interface has no index signature. Whole numbers are written as integers of up to 64 bits.
 * @returns frame 0, the msgpack document, then headers and frames of the payloads, not copied
 * @throws WireFormatError naming the path of the first value that has no wire form: undefined, a
 *   function, a date, a class instance, a typed array other than Uint8Array, a circular object;
 *   LimitError if the document would be larger than a peer accepts
 * @example
 * ```ts
 * const frames = encodeMessage({ op: "identity", reply: true });
 * decodeMessage(frames); // Map { "op" => "identity", "reply" => true }
 * ```
 */
export function encodeMessage(message: WireValue | object): Uint8Array[] {
  const frames: Uint8Array[] = [placeOfDocument];
  frames[0] = packDocument(message, (value) => placePayload(value, frames));
  return frames;
}

const placeOfDocument = new Uint8Array(0);

function placePayload(value: object, frames: Uint8Array[]): Record<string, number> | undefined {
  if (!(value instanceof Serialized || value instanceof Pickled)) return undefined;
  const place = frames.length;
  frames.push(value.headerBytes, ...value.frames);
  return value instanceof Serialized ? { __Serialized__: place } : { __Pickled__: place };
}

/**
 * Decodes one message.
 *
 * @param frames - all frames of one message, the document first. Payload frames are kept by
 *   reference; nothing of the document is.
 * @returns maps as Map, tagged sets as Set, enum members as their name, payloads as
 *   {@link Serialized} or {@link Pickled} undecoded; integers beyond 2^53 as bigint
 * @throws WireFormatError if the frames are no message, LimitError if a limit is exceeded
 */
export function decodeMessage(frames: readonly Uint8Array[]): WireValue {
  const document = frames[0];
  if (document === undefined) throw new WireFormatError("a message has no frames");
  if (frames.length > wireLimits.framesPerMessage) {
    throw new LimitError("framesPerMessage", frames.length, wireLimits.framesPerMessage);
  }
  let nextFree = 1;
  const onTagged = (map: Map<unknown, unknown>): unknown => {
    if (map.has("__Serialized__")) {
      const payload = takePayload(map.get("__Serialized__"), frames, nextFree);
      nextFree = payload.end;
      return new Serialized(payload.header, payload.frames);
    }
    if (map.has("__Pickled__")) {
      const payload = takePayload(map.get("__Pickled__"), frames, nextFree);
      nextFree = payload.end;
      return new Pickled(payload.header, payload.frames);
    }
    return untag(map);
  };
  return unpackDocument(document, onTagged) as WireValue;
}

function takePayload(place: unknown, frames: readonly Uint8Array[], nextFree: number) {
  const header = typeof place === "number" ? frames[place] : undefined;
  if (typeof place !== "number" || header === undefined || place < nextFree) {
    const found = typeof place === "number" ? place : typeof place;
    throw new WireFormatError(
      `a placeholder points at frame ${found}; expected one of ${nextFree} to ${frames.length - 1}`,
    );
  }
  const end = place + 1 + frameCountOf(header);
  if (end > frames.length) {
    throw new WireFormatError(
      `the payload at frame ${place} ends at ${end}, but the message has ${frames.length} frames`,
    );
  }
  return { header, frames: frames.slice(place + 1, end), end };
}

function untag(map: Map<unknown, unknown>): unknown {
  if (map.has("__Set__")) {
    const items = map.get("as-list");
    if (!Array.isArray(items)) throw new WireFormatError("a set on the wire has no `as-list`");
    return new Set(items);
  }
  if (map.has("__Enum__")) {
    const name = map.get("name");
    if (typeof name !== "string") throw new WireFormatError("an enum on the wire has no name");
    return name;
  }
  return map;
}
