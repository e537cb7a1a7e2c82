// From a value to a payload that any Python peer reads: arrays and bytes as memory that nobody
// copies, everything else as a pickle with large memory beside it.
import { encodeBytes, encodeNumpy, type NumpyData, Serialized } from "@acme/protocol";
import { pickleLimits } from "../pickle/pickle-limits.js";
import { type PickleOptions, writePickle } from "../pickle/write-pickle.js";
import { PythonObject } from "./python-object.js";
import { describedArray, pythonNode } from "./write-value.js";

/** How values are written wherever they go to Python. */
export const valueWriting: PickleOptions = {
  convert: pythonNode,
  outOfBandBytes: pickleLimits.outOfBandBytes,
};

/**
 * Serializes a value for Python peers.
 *
 * @param value - what the table in docs/python.md has a form for; typed arrays are not copied
 * @throws PythonValueError if it has no form in Python; LimitError if it is nested too deep
 * @example
 * ```ts
 * writePython(new Float64Array([1, 2])); // arrives as numpy.array([1., 2.])
 * ```
 */
export function writePython(value: unknown): Serialized {
  if (Buffer.isBuffer(value)) return encodeBytes(value);
  if (value instanceof PythonObject && value.path?.length === 0) {
    const { payload } = value;
    if (payload instanceof Serialized) return payload;
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const data = value instanceof Uint8ClampedArray ? asBytes(value) : value;
    return encodeNumpy(data as NumpyData);
  }
  const described = typeof value === "object" && value !== null ? describedArray(value) : undefined;
  if (described !== undefined && isOwnKind(described.dtype)) {
    const { data, shape, order } = described;
    return encodeNumpy(data as NumpyData, shape, order);
  }
  const { bytes, buffers } = writePickle(value as never, valueWriting);
  const writeable = buffers.map(() => true);
  return new Serialized({ serializer: "pickle", writeable }, [bytes, ...buffers]);
}

/** Elements that their typed array names by itself. */
const isOwnKind = (dtype: string): boolean => !/^.(?:b1|f2|c\d+)$/.test(dtype);

const asBytes = ({ buffer, byteOffset, byteLength }: Uint8ClampedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
