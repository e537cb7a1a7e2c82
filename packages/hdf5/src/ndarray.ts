// Array normalisation: whatever a program calls an array becomes one C-ordered NDArray.
// It decides shapes and copies; it knows nothing of HDF5. Conversion between dtypes is convert.ts.
import { convert } from "./convert.js";
import type { Dtype, NumericDtype, TypedArray } from "./dtype.js";
import { isNumericDtype, nativeArray, numericInfo, parseDtype } from "./dtype.js";
import { Hdf5Error } from "./errors.js";
import { fromNested } from "./nested.js";
import { gather, isContiguous, rowMajorStrides, sizeOf, viewRange } from "./strides.js";

/** A C-ordered, contiguous array: `data` holds exactly the elements of `shape`. */
export interface NDArray {
  /** Elements; complex numbers are interleaved (r, i), `float16` are bits, `bool` are 0 and 1. */
  readonly data: TypedArray | readonly string[];
  /** One entry per dimension; `[]` is a scalar. */
  readonly shape: readonly number[];
  readonly dtype: Dtype;
}

/** What array libraries (`ndarray`, `numpy-ts`, zarr chunks, ...) hand out. */
export interface NDArrayLike {
  readonly data: TypedArray | ArrayLike<number | bigint | boolean | string>;
  readonly shape: ArrayLike<number>;
  /** Distance of neighbours per dimension, in elements (a complex number is one element). */
  readonly stride?: ArrayLike<number>;
  readonly strides?: ArrayLike<number>;
  /** Index of the first element in `data`, in elements. */
  readonly offset?: number;
  /** What the entries of `data` mean; needed for float16 (Uint16Array), complex and bool. */
  readonly dtype?: string;
}

/** Nested arrays of one shape, or a single value. */
export type Nested<T> = T | readonly Nested<T>[];

/** Everything {@link asArray} understands. */
export type ArrayInput =
  | TypedArray
  | NDArrayLike
  | Nested<number>
  | Nested<bigint>
  | Nested<boolean>
  | Nested<string>;

export interface AsArrayOptions {
  /** Convert to this dtype. (What the entries of `data` *mean* is said by the input's own dtype.) */
  readonly dtype?: string;
  /** Allow the conversion to lose information; see {@link convert}. Default false. */
  readonly lossy?: boolean;
}

/**
 * Normalises a value to a contiguous, C-ordered array.
 *
 * - typed array: 1-d, same dtype, not copied
 * - `{ data, shape, stride? | strides?, offset?, dtype? }`: copied only when not contiguous
 * - number, bigint, boolean, string: scalar (shape `[]`) of float64, int64, bool, str
 * - nested rectangular arrays of one of those: float64, int64, bool or str
 *
 * @param value - the value to normalise
 * @param options - `dtype` to convert to
 * @throws Hdf5Error `unsupported-value`, `ragged-array`, `mixed-array`, `invalid-view`,
 *   `unknown-dtype`, `lossy-conversion`
 * @example
 * asArray([[1, 2], [3, 4]]); // { data: Float64Array [1, 2, 3, 4], shape: [2, 2], dtype: "float64" }
 */
export function asArray(value: unknown, options: AsArrayOptions = {}): NDArray {
  const array = normalise(value);
  if (options.dtype === undefined) return array;
  return convert(array, options.dtype, { lossy: options.lossy ?? false });
}

function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function normalise(value: unknown): NDArray {
  if (isTypedArray(value)) return fromTyped(value);
  if (Array.isArray(value)) return fromNested(value);
  switch (typeof value) {
    case "number":
    case "bigint":
    case "boolean":
    case "string":
      return fromNested(value);
    case "object":
      if (value !== null && isView(value)) return fromView(value);
      break;
    default:
  }
  const kind = value === null ? "null" : typeof value;
  throw new Hdf5Error(
    "unsupported-value",
    `a value of type ${kind} is not an array; give a number, string, boolean, bigint, ` +
      "typed array, nested array or { data, shape }",
    { type: kind },
  );
}

function fromTyped(value: TypedArray): NDArray {
  const { data, dtype } = nativeArray(value);
  return { data, shape: [data.length], dtype };
}

function isView(value: object): value is NDArrayLike {
  if (!("data" in value && "shape" in value)) return false;
  const isList = (part: unknown) => Array.isArray(part) || isTypedArray(part);
  return isList(value.data) && isList(value.shape);
}

function fromView(view: NDArrayLike): NDArray {
  const shape = checkedShape(view.shape);
  const { data, dtype } = interpret(view);
  const entries = isNumericDtype(dtype) ? numericInfo(dtype).entries : 1;
  const given = view.stride ?? view.strides;
  const strides = given === undefined ? rowMajorStrides(shape) : Array.from(given);
  const layout = { shape, strides, offset: view.offset ?? 0, entries };
  const whole = [layout.offset, ...strides].every(Number.isSafeInteger);
  const [first, last] = viewRange(layout);
  if (!whole || strides.length !== shape.length || first < 0 || last > data.length) {
    throw new Hdf5Error(
      "invalid-view",
      `an array of shape [${shape}], strides [${strides}] and offset ${layout.offset} reaches ` +
        `outside its ${data.length} data entries; check shape, strides and offset`,
      { shape: shape.join(), entries: data.length },
    );
  }
  if (!isContiguous(layout)) return { data: gather(data, layout), shape, dtype };
  const end = first + sizeOf(shape) * entries;
  if (first === 0 && end === data.length) return { data, shape, dtype };
  return {
    data: isTypedArray(data) ? data.subarray(first, end) : data.slice(first, end),
    shape,
    dtype,
  };
}

function checkedShape(given: ArrayLike<number>): number[] {
  const shape = Array.from(given);
  if (shape.every((n) => Number.isSafeInteger(n) && n >= 0)) return shape;
  throw new Hdf5Error(
    "invalid-view",
    `[${shape}] is not a shape; every dimension is a whole number, 0 or more`,
    { shape: shape.join() },
  );
}

function interpret(view: NDArrayLike): Pick<NDArray, "data" | "dtype"> {
  const declared = view.dtype;
  const known = declared === undefined || declared === "generic" || declared === "array";
  if (!isTypedArray(view.data)) {
    const flat = fromNested(Array.from(view.data));
    return known ? flat : convert(flat, declared);
  }
  const { data, dtype: native } = nativeArray(view.data);
  const dtype = known ? native : parseDtype(declared);
  if (dtype === native) return { data, dtype };
  if (!CARRIERS[dtype]?.includes(native)) {
    throw new Hdf5Error(
      "invalid-view",
      `a ${native} array cannot carry ${dtype} elements; convert it or correct its dtype`,
      { dtype, carrier: native },
    );
  }
  if (
    dtype === "bool" &&
    (data as Uint8Array).some((entry: number) => entry !== 0 && entry !== 1)
  ) {
    throw new Hdf5Error("invalid-view", "a bool array may hold only 0 and 1", { dtype });
  }
  return { data, dtype };
}

/** Typed arrays that carry a dtype other than the one they stand for by themselves. */
const CARRIERS: Readonly<Record<string, readonly NumericDtype[]>> = {
  float16: ["uint16"],
  bool: ["uint8", "int8"],
  complex64: ["float32"],
  complex128: ["float64"],
};
