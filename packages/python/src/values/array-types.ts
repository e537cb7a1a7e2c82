// Which typed array carries which dtype of NumPy, and what 1-dimensional and other arrays are here.
// It knows bytes and names; where arrays come from is for others.
import { WireFormatError } from "@acme/protocol";

/** Elements of an array, as typed arrays have them. */
export type ArrayData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

/**
 * A NumPy array that is no typed array by itself: of several dimensions or none, or of a dtype
 * that has no typed array. Complex numbers are interleaved, float16 are bits, bool are 0 and 1.
 */
export interface PythonArray {
  readonly data: ArrayData | readonly string[];
  readonly shape: readonly number[];
  /** NumPy's name of the dtype, such as `"float64"`; `"str"` for text. */
  readonly dtype: string;
  /** Distance of neighbours per dimension in elements, if the last index is not the fastest. */
  readonly strides?: readonly number[];
}

interface Kind {
  readonly name: string;
  readonly of: new (buffer: ArrayBuffer, offset: number, length: number) => ArrayData;
  /** Entries of the typed array per element. */
  readonly entries: 1 | 2;
  /** A typed array alone says all of it. */
  readonly isAlone: boolean;
}

const kinds: Readonly<Record<string, Kind>> = {
  f8: { name: "float64", of: Float64Array, entries: 1, isAlone: true },
  f4: { name: "float32", of: Float32Array, entries: 1, isAlone: true },
  f2: { name: "float16", of: Uint16Array, entries: 1, isAlone: false },
  c16: { name: "complex128", of: Float64Array, entries: 2, isAlone: false },
  c8: { name: "complex64", of: Float32Array, entries: 2, isAlone: false },
  i8: { name: "int64", of: BigInt64Array, entries: 1, isAlone: true },
  i4: { name: "int32", of: Int32Array, entries: 1, isAlone: true },
  i2: { name: "int16", of: Int16Array, entries: 1, isAlone: true },
  i1: { name: "int8", of: Int8Array, entries: 1, isAlone: true },
  u8: { name: "uint64", of: BigUint64Array, entries: 1, isAlone: true },
  u4: { name: "uint32", of: Uint32Array, entries: 1, isAlone: true },
  u2: { name: "uint16", of: Uint16Array, entries: 1, isAlone: true },
  u1: { name: "uint8", of: Uint8Array, entries: 1, isAlone: true },
  b1: { name: "bool", of: Uint8Array, entries: 1, isAlone: false },
};

/** Memory of an array as Python describes it. */
export interface ArrayMemory {
  /** Such as `"<f8"`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly order: "C" | "F";
  readonly bytes: Uint8Array;
}

/**
 * An array, as a view of its memory where that is aligned; undefined if its dtype has no form here.
 *
 * @throws WireFormatError if the shape does not fit the memory
 */
export function arrayOf(memory: ArrayMemory): ArrayData | PythonArray | undefined {
  const { dtype, shape, order, bytes } = memory;
  if (/^[<>=|]?U\d+$/.test(dtype)) return textArray(memory);
  const kind = kinds[dtype.replace(/^[<>=|]/, "")];
  if (kind === undefined) return undefined;
  const count = shape.reduce((size, length) => size * length, 1) * kind.entries;
  const entryBytes = Number(/\d+$/.exec(dtype)?.[0]) / kind.entries;
  if (count * entryBytes !== bytes.byteLength) {
    throw new WireFormatError(`[${shape}] of ${dtype} does not fit ${bytes.byteLength} bytes`);
  }
  const own = dtype.startsWith(">") ? swapped(bytes, entryBytes) : aligned(bytes, entryBytes);
  const data = new kind.of(own.buffer as ArrayBuffer, own.byteOffset, count);
  if (kind.isAlone && shape.length === 1) return data;
  const array = { data, shape, dtype: kind.name };
  return order === "F" && shape.length > 1 ? { ...array, strides: fortran(shape) } : array;
}

/** The dtype of a name such as `"complex128"` or `"<f8"` in NumPy's short form; else undefined. */
export function shortDtype(name: string): string | undefined {
  const short = name.replace(/^[<=|]/, "");
  if (kinds[short] !== undefined) return withOrder(short);
  const found = Object.entries(kinds).find(([, kind]) => kind.name === short);
  return found && withOrder(found[0]);
}

/** The dtype of the elements of a typed array. */
export function dtypeOfData(data: ArrayBufferView): string | undefined {
  if (data instanceof Uint8ClampedArray) return "|u1";
  const found = Object.entries(kinds).find(([, { of, isAlone }]) => isAlone && data instanceof of);
  return found && withOrder(found[0]);
}

/** Entries of a typed array per element of a dtype in short form. */
export const entriesOf = (short: string): number => kinds[short.slice(1)]?.entries ?? 1;

const withOrder = (short: string): string => (short.endsWith("1") ? `|${short}` : `<${short}`);

function fortran(shape: readonly number[]): number[] {
  let step = 1;
  return shape.map((length) => {
    const stride = step;
    step *= length;
    return stride;
  });
}

function aligned(bytes: Uint8Array, entryBytes: number): Uint8Array {
  return bytes.byteOffset % entryBytes === 0 ? bytes : bytes.slice();
}

function swapped(bytes: Uint8Array, entryBytes: number): Uint8Array {
  const copy = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += entryBytes) {
    for (let i = 0; i < entryBytes; i++) copy[at + i] = bytes[at + entryBytes - 1 - i]!;
  }
  return copy;
}

/** NumPy keeps text as code points of 32 bits, filled up with zeros. */
function textArray({ dtype, shape, bytes }: ArrayMemory): PythonArray {
  const width = Number(/\d+$/.exec(dtype)?.[0]);
  const count = shape.reduce((size, length) => size * length, 1);
  if (count * width * 4 !== bytes.byteLength) {
    throw new WireFormatError(`[${shape}] of ${dtype} does not fit ${bytes.byteLength} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = !dtype.startsWith(">");
  const data = Array.from({ length: count }, (_, i) => {
    let text = "";
    for (let at = 0; at < width; at++) {
      const code = view.getUint32((i * width + at) * 4, isLittle);
      if (code > 0x10ffff) throw new WireFormatError(`${code} is no character`);
      text += String.fromCodePoint(code);
    }
    return text.replace(/\0+$/, "");
  });
  return { data, shape, dtype: "str" };
}
