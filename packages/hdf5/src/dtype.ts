// The element types we can store, under numpy's names, and which typed array carries each.
// It knows JavaScript arrays and names; how a type is spelled in HDF5 lives in datatype.ts.
import { Hdf5Error } from "./errors.js";

/** Element types held in typed arrays. */
export type NumericDtype =
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "float16"
  | "float32"
  | "float64"
  | "complex64"
  | "complex128"
  | "bool";

/** numpy's names; `str` is variable-length UTF-8, `S<n>` is UTF-8 in a fixed `n` bytes. */
export type Dtype = NumericDtype | "str" | `S${number}`;

/** The typed arrays that carry elements. `float16` lives in a Uint16Array (its bits). */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

export type DtypeKind = "int" | "uint" | "float" | "complex" | "bool";

interface NumericInfo {
  readonly kind: DtypeKind;
  /** Bytes of one element (both halves of a complex number). */
  readonly itemBytes: number;
  /** Typed-array entries of one element: 2 for complex, else 1. */
  readonly entries: 1 | 2;
  readonly create: (length: number) => TypedArray;
}

const NUMERIC: Readonly<Record<NumericDtype, NumericInfo>> = {
  int8: { kind: "int", itemBytes: 1, entries: 1, create: (n) => new Int8Array(n) },
  uint8: { kind: "uint", itemBytes: 1, entries: 1, create: (n) => new Uint8Array(n) },
  int16: { kind: "int", itemBytes: 2, entries: 1, create: (n) => new Int16Array(n) },
  uint16: { kind: "uint", itemBytes: 2, entries: 1, create: (n) => new Uint16Array(n) },
  int32: { kind: "int", itemBytes: 4, entries: 1, create: (n) => new Int32Array(n) },
  uint32: { kind: "uint", itemBytes: 4, entries: 1, create: (n) => new Uint32Array(n) },
  int64: { kind: "int", itemBytes: 8, entries: 1, create: (n) => new BigInt64Array(n) },
  uint64: { kind: "uint", itemBytes: 8, entries: 1, create: (n) => new BigUint64Array(n) },
  float16: { kind: "float", itemBytes: 2, entries: 1, create: (n) => new Uint16Array(n) },
  float32: { kind: "float", itemBytes: 4, entries: 1, create: (n) => new Float32Array(n) },
  float64: { kind: "float", itemBytes: 8, entries: 1, create: (n) => new Float64Array(n) },
  complex64: { kind: "complex", itemBytes: 8, entries: 2, create: (n) => new Float32Array(2 * n) },
  complex128: {
    kind: "complex",
    itemBytes: 16,
    entries: 2,
    create: (n) => new Float64Array(2 * n),
  },
  bool: { kind: "bool", itemBytes: 1, entries: 1, create: (n) => new Uint8Array(n) },
};

/** numpy's other spellings and those of the `ndarray` package. */
const ALIASES: Readonly<Record<string, Dtype>> = {
  float: "float64",
  double: "float64",
  single: "float32",
  half: "float16",
  int: "int64",
  uint: "uint64",
  complex: "complex128",
  bool_: "bool",
  boolean: "bool",
  "?": "bool",
  string: "str",
  bigint64: "int64",
  biguint64: "uint64",
  uint8_clamped: "uint8",
  buffer: "uint8",
  i1: "int8",
  u1: "uint8",
  i2: "int16",
  u2: "uint16",
  i4: "int32",
  u4: "uint32",
  i8: "int64",
  u8: "uint64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
  c8: "complex64",
  c16: "complex128",
};

/** Bytes of one vlen string reference: length, heap address, heap index. */
const STRING_REFERENCE_BYTES = 16;

export function isNumericDtype(dtype: string): dtype is NumericDtype {
  return Object.hasOwn(NUMERIC, dtype);
}

export function isFixedString(dtype: string): dtype is `S${number}` {
  return /^S[1-9][0-9]{0,8}$/.test(dtype);
}

export function numericInfo(dtype: NumericDtype): NumericInfo {
  return NUMERIC[dtype];
}

/** Bytes one element takes in the file. */
export function itemBytes(dtype: Dtype): number {
  if (isNumericDtype(dtype)) return NUMERIC[dtype].itemBytes;
  return dtype === "str" ? STRING_REFERENCE_BYTES : Number(dtype.slice(1));
}

/**
 * Turns a numpy dtype name or alias ("float", "f8", "<i4", "S8", ...) into our name for it.
 *
 * @param name - any spelling numpy accepts for a little-endian or native type
 * @throws Hdf5Error `unknown-dtype` for anything else, big-endian (">f8") included
 * @example
 * parseDtype("<f8"); // "float64"
 */
export function parseDtype(name: string): Dtype {
  const bare = name.replace(/^[<=|]/, "");
  if (isNumericDtype(bare) || bare === "str" || isFixedString(bare)) return bare;
  const alias = Object.hasOwn(ALIASES, bare) ? ALIASES[bare] : undefined;
  if (alias !== undefined) return alias;
  throw new Hdf5Error(
    "unknown-dtype",
    `"${name}" is not an element type we can store; use a numpy name such as "float64", ` +
      `"int32", "complex128", "bool", "str" or "S16" (little-endian)`,
    { dtype: name },
  );
}

type ViewConstructor = new (
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
) => TypedArray;

/** What each kind of typed array stands for by itself, and the class that carries it here. */
const BY_TAG: Readonly<Record<string, readonly [NumericDtype, ViewConstructor]>> = {
  Int8Array: ["int8", Int8Array],
  Uint8Array: ["uint8", Uint8Array],
  Uint8ClampedArray: ["uint8", Uint8ClampedArray],
  Int16Array: ["int16", Int16Array],
  Uint16Array: ["uint16", Uint16Array],
  Int32Array: ["int32", Int32Array],
  Uint32Array: ["uint32", Uint32Array],
  BigInt64Array: ["int64", BigInt64Array],
  BigUint64Array: ["uint64", BigUint64Array],
  Float16Array: ["float16", Uint16Array],
  Float32Array: ["float32", Float32Array],
  Float64Array: ["float64", Float64Array],
};

/**
 * The dtype of a typed array and its data in a class of ours. Arrays of other realms (vm contexts)
 * and the Float16Array of newer Nodes are viewed anew, so that `instanceof` can be trusted.
 */
export function nativeArray(given: TypedArray): { data: TypedArray; dtype: NumericDtype } {
  const [dtype, View] = BY_TAG[given[Symbol.toStringTag]]!;
  if (given instanceof View) return { data: given, dtype };
  return { data: new View(given.buffer, given.byteOffset, given.length), dtype };
}
