// NumPy's arrays and scalars from the notes that a pickle has of them. What has no form here is
// left to the caller as undefined.
import { type PickleNode, PyGlobal, PyObject, PyTuple } from "../pickle/nodes.js";
import { type ArrayData, arrayOf, type PythonArray } from "./array-types.js";

/** An array that is pickled out of band: `_frombuffer(memory, dtype, shape, order)`. */
export function arrayFromBuffer({ args }: PyObject): ArrayData | PythonArray | undefined {
  const [bytes, dtype, shape, order] = args;
  const name = dtypeName(dtype);
  const lengths = integers(shape);
  if (!(bytes instanceof Uint8Array) || name === undefined || lengths === undefined) {
    return undefined;
  }
  return arrayOf({ dtype: name, shape: lengths, order: order === "F" ? "F" : "C", bytes });
}

/** An array that is pickled as `_reconstruct(...)` and a state `(version, shape, dtype, F, bytes)`. */
export function arrayFromState({ state }: PyObject): ArrayData | PythonArray | undefined {
  if (!(state instanceof PyTuple) || state.items.length !== 5) return undefined;
  const [, shape, dtype, isFortran, data] = state.items;
  const name = dtypeName(dtype);
  const lengths = integers(shape);
  const bytes = bytesOf(data);
  if (name === undefined || lengths === undefined || bytes === undefined) return undefined;
  return arrayOf({ dtype: name, shape: lengths, order: isFortran === true ? "F" : "C", bytes });
}

/** `numpy.ndarray(shape, dtype, buffer, offset, strides, order)`, as this package writes them. */
export function arrayFromCall({ args }: PyObject): ArrayData | PythonArray | undefined {
  const [shape, dtype, bytes, , , order] = args;
  const lengths = integers(shape);
  if (typeof dtype !== "string" || !(bytes instanceof Uint8Array) || lengths === undefined) {
    return undefined;
  }
  return arrayOf({ dtype, shape: lengths, order: order === "F" ? "F" : "C", bytes });
}

/** A scalar: `scalar(dtype, bytes)`. */
export function numpyScalar({ args }: PyObject): unknown {
  const dtype = dtypeName(args[0]);
  const bytes = bytesOf(args[1]);
  if (dtype === undefined || bytes === undefined) return undefined;
  const array = arrayOf({ dtype, shape: [1], order: "C", bytes });
  if (array === undefined) return undefined;
  if (ArrayBuffer.isView(array)) return plainNumber(array[0]!);
  const { data, dtype: name } = array;
  if (name === "bool") return data[0] === 1;
  return name === "str" ? data[0] : undefined;
}

/** A whole number of 64 bits as a number where that is exact. */
function plainNumber(value: number | bigint): number | bigint {
  const number = Number(value);
  return typeof value === "bigint" && !Number.isSafeInteger(number) ? value : number;
}

/** Such as `"<f8"`; undefined for records, dates and objects. */
function dtypeName(node: PickleNode | undefined): string | undefined {
  if (!(node instanceof PyObject) || !node.isMadeBy("numpy", "dtype")) return undefined;
  const [name] = node.args;
  const state = node.state instanceof PyTuple ? node.state.items : [];
  const order = typeof state[1] === "string" ? state[1] : "|";
  return typeof name === "string" && /^[a-zA-Z]\d+$/.test(name) ? `${order}${name}` : undefined;
}

function integers(node: PickleNode | undefined): number[] | undefined {
  if (!(node instanceof PyTuple)) return undefined;
  const fits = (item: PickleNode) => Number.isSafeInteger(item) && (item as number) >= 0;
  return node.items.every(fits) ? (node.items as number[]) : undefined;
}

/** Bytes, also as protocol 2 writes them: text of which each character is one. */
export function bytesOf(node: PickleNode | undefined): Uint8Array | undefined {
  if (node instanceof Uint8Array) return node;
  if (!(node instanceof PyObject)) return undefined;
  const [first, second] = node.args;
  const isText = node.isMadeBy("_codecs", "encode") && second === "latin1";
  if (isText && typeof first === "string") return Buffer.from(first, "latin1");
  const isBytes = node.callable instanceof PyGlobal && node.isMadeBy("builtins", "bytes");
  return isBytes && node.args.length === 0 ? new Uint8Array(0) : undefined;
}
