// NumPy arrays and raw bytes in the form of dask's own serializer family: no pickle is read, the
// payload is memory. Corresponds to `distributed.protocol.numpy`. Dtypes without a typed array
// (complex, dates, records, objects) are refused by name.
import { LimitError, WireFormatError } from "./errors.js";
import { broadcastBytesMax } from "./limits.js";
import { Serialized } from "./serialized.js";
import { logicalFrames, type ValuePart } from "./subframes.js";

const typedArrays = {
  f8: Float64Array,
  f4: Float32Array,
  i8: BigInt64Array,
  i4: Int32Array,
  i2: Int16Array,
  i1: Int8Array,
  u8: BigUint64Array,
  u4: Uint32Array,
  u2: Uint16Array,
  u1: Uint8Array,
  b1: Uint8Array,
} as const;

type Kind = keyof typeof typedArrays;

/** Memory of a numeric array. */
export type NumpyData = InstanceType<(typeof typedArrays)[Kind]>;

/** A numeric array of any number of dimensions. */
export interface NumpyArray {
  /** NumPy's name of the element type, little-endian: `"<f8"`, `"|u1"`, `"|b1"`, … */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** `"C"`: the last index varies fastest in `data`; `"F"`: the first. */
  readonly order: "C" | "F";
  readonly data: NumpyData;
}

// What `pickle.dumps` gives for the two classes.
const ndarrayClass = fromHex("80059515000000000000008c056e756d7079948c076e6461727261799493942e");
const bytesClass = fromHex("80059516000000000000008c086275696c74696e73948c0562797465739493942e");

/**
 * Wraps an array for Python: it arrives there as a `numpy.ndarray`.
 *
 * @param data - the elements; not copied
 * @param shape - lengths of the dimensions; one dimension if omitted
 * @param order - how `data` is laid out
 * @throws WireFormatError if the shape does not fit the data
 */
export function encodeNumpy(
  data: NumpyData,
  shape: readonly number[] = [data.length],
  order: "C" | "F" = "C",
): Serialized {
  if (product(shape) !== data.length) {
    throw new WireFormatError(`shape [${shape}] does not hold ${data.length} elements`);
  }
  const header = {
    dtype: [0, dtypeOf(data)],
    shape,
    strides: stridesOf(shape, data.BYTES_PER_ELEMENT, order),
    writeable: [true],
  };
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return daskPayload("numpy.ndarray", ndarrayClass, header, bytes);
}

/** Wraps raw bytes for Python: they arrive there as `bytes`. Not copied. */
export function encodeBytes(bytes: Uint8Array): Serialized {
  return daskPayload("bytes", bytesClass, {}, bytes);
}

function daskPayload(type: string, typeSerialized: Uint8Array, sub: object, bytes: Uint8Array) {
  const fields = { "sub-header": sub, type, "type-serialized": typeSerialized, serializer: "dask" };
  const plain = { "split-num-sub-frames": [1], "split-offsets": [0], compression: [null] };
  return new Serialized({ ...fields, ...plain }, [bytes]);
}

/** True if the payload is a NumPy array that {@link decodeNumpy} might read. */
export function isNumpy(payload: Serialized | ValuePart): boolean {
  return payload.header.get("type") === "numpy.ndarray";
}

/**
 * Reads raw bytes, or undefined if the payload is something else.
 *
 * @param payload - a payload, or one value of it from `openPayload`
 */
export function decodeBytes(payload: Serialized | ValuePart): Uint8Array | undefined {
  const { header } = payload;
  if (header.get("serializer") !== "dask") return undefined;
  const type = header.get("type");
  if (type !== "bytes" && type !== "builtins.bytes" && type !== "bytearray") return undefined;
  const frames = framesOf(payload);
  return frames.length === 1 ? frames[0] : undefined;
}

/**
 * Reads a NumPy array. The data is a view of the payload where its alignment allows.
 *
 * @param payload - a payload, or one value of it from `openPayload`
 * @throws WireFormatError if it is no array or its dtype has no typed array here; LimitError if a
 *   broadcast array is too large to be written out
 */
export function decodeNumpy(payload: Serialized | ValuePart): NumpyArray {
  const sub = payload.header.get("sub-header");
  const bytes = framesOf(payload)[0];
  if (!isNumpy(payload) || !(sub instanceof Map) || bytes === undefined) {
    throw new WireFormatError("the payload is not a NumPy array");
  }
  const { dtype, kind, swap } = readDtype(sub.get("dtype"));
  const shape = lengths(sub.get("shape"), "shape");
  const itemBytes = typedArrays[kind].BYTES_PER_ELEMENT;
  if (product(shape) * itemBytes !== bytes.byteLength) {
    throw new WireFormatError(
      `shape [${shape}] of ${dtype} does not fit ${bytes.byteLength} bytes`,
    );
  }
  const data = typed(kind, swap ? swapped(bytes, itemBytes) : bytes);
  if (sub.has("broadcast_to")) {
    return broadcast({ dtype, shape, order: "C", data }, lengths(sub.get("broadcast_to"), "shape"));
  }
  return { dtype, shape, order: readOrder(sub.get("strides"), shape, itemBytes), data };
}

function framesOf(payload: Serialized | ValuePart): readonly Uint8Array[] {
  return payload instanceof Serialized ? logicalFrames(payload) : payload.frames;
}

function readDtype(wire: unknown): { dtype: string; kind: Kind; swap: boolean } {
  const name: unknown = Array.isArray(wire) && wire[0] === 0 ? wire[1] : undefined;
  const kind = typeof name === "string" ? name.slice(1) : "";
  if (typeof name !== "string" || !Object.hasOwn(typedArrays, kind)) {
    throw new WireFormatError(
      `arrays of dtype ${String(name ?? "record or object")} have no form here`,
    );
  }
  const swap = name.startsWith(">");
  return { dtype: swap ? `<${kind}` : name, kind: kind as Kind, swap };
}

function typed(kind: Kind, bytes: Uint8Array): NumpyData {
  const Typed = typedArrays[kind];
  const aligned = bytes.byteOffset % Typed.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new Typed(
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    aligned.byteLength / Typed.BYTES_PER_ELEMENT,
  );
}

function swapped(bytes: Uint8Array, itemBytes: number): Uint8Array {
  const copy = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    copy[i] = bytes[i - (i % itemBytes) + (itemBytes - 1 - (i % itemBytes))]!;
  }
  return copy;
}

function readOrder(strides: unknown, shape: readonly number[], itemBytes: number): "C" | "F" {
  if (!Array.isArray(strides) || strides.length !== shape.length) {
    throw new WireFormatError("an array has no strides");
  }
  for (const order of ["C", "F"] as const) {
    const expected = stridesOf(shape, itemBytes, order);
    if (shape.every((length, i) => length <= 1 || strides[i] === expected[i])) return order;
  }
  throw new WireFormatError(`strides [${strides}] of an array are neither C nor Fortran order`);
}

// Dimensions of length 1 that repeat are written out; dask sends the single element only.
function broadcast(array: NumpyArray, shape: readonly number[]): NumpyArray {
  const fits = array.shape.every((length, i) => length === shape[i] || length === 1);
  if (array.shape.length !== shape.length || !fits) {
    throw new WireFormatError(`an array of [${array.shape}] cannot be broadcast to [${shape}]`);
  }
  const size = product(shape);
  const byteLength = size * array.data.BYTES_PER_ELEMENT;
  if (byteLength > broadcastBytesMax) {
    throw new LimitError("broadcastBytesMax", byteLength, broadcastBytesMax);
  }
  const data = typed(readDtype([0, array.dtype]).kind, new Uint8Array(byteLength));
  const steps = stridesOf(array.shape, 1, "C").map((step, i) => (array.shape[i] === 1 ? 0 : step));
  for (let i = 0; i < size; i++) {
    let from = 0;
    for (let rest = i, axis = shape.length - 1; axis >= 0; axis--) {
      from += (rest % shape[axis]!) * steps[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    data[i] = array.data[from]!;
  }
  return { ...array, shape, data };
}

function stridesOf(shape: readonly number[], itemBytes: number, order: "C" | "F"): number[] {
  const strides = new Array<number>(shape.length);
  let step = itemBytes;
  for (let i = 0; i < shape.length; i++) {
    const axis = order === "C" ? shape.length - 1 - i : i;
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}

function dtypeOf(data: NumpyData): string {
  for (const [kind, Typed] of Object.entries(typedArrays)) {
    if (data instanceof Typed) return data.BYTES_PER_ELEMENT === 1 ? `|${kind}` : `<${kind}`;
  }
  throw new WireFormatError("only typed arrays of numbers can be sent as NumPy arrays");
}

function lengths(value: unknown, field: string): number[] {
  const fits = (item: unknown) => Number.isSafeInteger(item) && (item as number) >= 0;
  if (Array.isArray(value) && value.every(fits)) return value;
  throw new WireFormatError(`\`${field}\` of an array is no list of lengths`);
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16));
}
