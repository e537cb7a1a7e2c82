// Opaque payloads of a message: a header and raw frames, kept as they came so that forwarding
// sends the same bytes and decodes nothing. Corresponds to dask's Serialized and ToPickle.
// It must not know what is inside: the header is only decoded for whoever asks.
import { WireFormatError } from "./errors.js";
import { unpackDocument } from "./msgpack.js";
import { scanForInteger } from "./msgpack-scan.js";
import { packDocument } from "./msgpack-writer.js";

/** A decoded payload header, such as `{serializer: "dask", type: "bytes", …}`. */
export type PayloadHeader = ReadonlyMap<string, unknown>;

/** What a payload header can be made from. */
export type PayloadHeaderInit = PayloadHeader | Readonly<Record<string, unknown>>;

const frameCountField = "num-sub-frames";
const frameCountBytes = new TextEncoder().encode(frameCountField);

abstract class Payload {
  /** The raw frames, verbatim. */
  readonly frames: readonly Uint8Array[];
  #fields: PayloadHeaderInit | undefined;
  #header: PayloadHeader | undefined;
  #headerBytes: Uint8Array | undefined;

  /**
   * @param header - fields of the header, or its bytes as received; `num-sub-frames` is added
   * @param frames - the raw payload; not copied
   */
  constructor(header: PayloadHeaderInit | Uint8Array, frames: readonly Uint8Array[] = []) {
    this.frames = frames;
    if (header instanceof Uint8Array) this.#headerBytes = header;
    else this.#fields = header;
  }

  /**
   * The decoded header: maps in it are Map, whether it was received or made here. Decoded at the
   * first call, then kept.
   * @throws WireFormatError if the bytes received are no header
   */
  get header(): PayloadHeader {
    this.#header ??= unpackHeader(this.headerBytes);
    return this.#header;
  }

  /**
   * The header as msgpack: the very bytes received, or encoded at the first call and kept.
   * @throws WireFormatError if a field has no wire form
   */
  get headerBytes(): Uint8Array {
    this.#headerBytes ??= packHeader(this.#fields!, this.frames.length);
    return this.#headerBytes;
  }

  /** Bytes of the frames, without the header. */
  get nbytes(): number {
    let sum = 0;
    for (const frame of this.frames) sum += frame.byteLength;
    return sum;
  }
}

/**
 * A value serialized by one of dask's serializer families, or by acme's own, which travels
 * through schedulers undecoded.
 *
 * @example
 * ```ts
 * const value = new Serialized({ serializer: "pickle", writeable: [] }, [pickleBytes]);
 * encodeMessage({ op: "update-graph", expr_ser: value });
 * ```
 */
export class Serialized extends Payload {
  readonly type = "serialized";

  /**
   * A payload of acme's own value codec (`{serializer: "acme"}`), which only acme peers read.
   *
   * @param frames - the encoded value; not copied
   * @param fields - further fields of the header
   */
  static acme(
    frames: readonly Uint8Array[],
    fields: Readonly<Record<string, unknown>> = {},
  ): Serialized {
    if (Object.keys(fields).length > 0) {
      return new Serialized({ serializer: "acme", ...fields }, frames);
    }
    return new Serialized(acmeHeader(frames.length), frames);
  }

  /** True if acme's own value codec made this payload. */
  get isAcme(): boolean {
    return this.header.get("serializer") === "acme";
  }
}

/**
 * A pickled Python object that its receiver unpickles at once, such as a run spec. The pickle
 * itself lies in the header; the frames are its out-of-band buffers.
 */
export class Pickled extends Payload {
  readonly type = "pickled";

  /**
   * Wraps a pickle.
   *
   * @param pickle - bytes of the pickle, protocol 5 or less
   * @param buffers - out-of-band buffers; not copied
   */
  static of(pickle: Uint8Array, buffers: readonly Uint8Array[] = []): Pickled {
    const compression = buffers.map(() => null);
    return new Pickled({ "pickled-obj": pickle, compression }, buffers);
  }

  /**
   * The bytes of the pickle.
   * @throws WireFormatError if the header holds none
   */
  get pickle(): Uint8Array {
    const pickle = this.header.get("pickled-obj");
    if (pickle instanceof Uint8Array) return pickle;
    throw new WireFormatError("a pickled payload has no `pickled-obj` in its header");
  }

  /** Bytes of the header, which holds the pickle, and of the buffers. */
  override get nbytes(): number {
    return this.headerBytes.byteLength + super.nbytes;
  }
}

/**
 * Reads how many frames follow a header without decoding the rest.
 * @internal
 */
export function frameCountOf(headerBytes: Uint8Array): number {
  const count = scanForInteger(headerBytes, frameCountBytes);
  if (count === undefined) {
    throw new WireFormatError(`a payload header has no valid ${frameCountField}`);
  }
  return count;
}

/** Headers of values without fields of their own, by their number of frames: a task makes one. */
const acmeHeaders: Uint8Array[] = [];
const acmeHeadersMax = 16;

function acmeHeader(frameCount: number): Uint8Array {
  const known = acmeHeaders[frameCount];
  if (known !== undefined) return known;
  const header = packHeader({ serializer: "acme" }, frameCount);
  if (frameCount < acmeHeadersMax) acmeHeaders[frameCount] = header;
  return header;
}

function packHeader(fields: PayloadHeaderInit, frameCount: number): Uint8Array {
  const entries = fields instanceof Map ? fields : Object.entries(fields);
  return packDocument(new Map<string, unknown>(entries).set(frameCountField, frameCount));
}

function unpackHeader(bytes: Uint8Array): PayloadHeader {
  const header = unpackDocument(bytes);
  if (header instanceof Map) return header;
  throw new WireFormatError("a payload header is not a map");
}
