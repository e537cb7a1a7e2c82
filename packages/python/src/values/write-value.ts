// From values to what a pickle says of them, by the table in docs/python.md. What has no form in
// Python is refused by name; futures are for those who write run specs.
import { Pickled } from "@acme/protocol";
import { type PickleNode, PyBuffer, PyObject, PyTuple, pyCall, pyGlobal } from "../pickle/nodes.js";
import { PythonValueError } from "../pickle/pickle-errors.js";
import { type ArrayData, dtypeOfData, entriesOf, shortDtype } from "./array-types.js";
import { writeDate } from "./dates.js";
import { PythonException } from "./python-exception.js";
import { PythonObject } from "./python-object.js";

/**
 * What a pickle says of a value that is no note itself: the `convert` of a pickle writer.
 *
 * @throws PythonValueError if it has no form in Python
 */
export function pythonNode(value: unknown): PickleNode {
  if (typeof value !== "object" || value === null) throw refused(value);
  if (ArrayBuffer.isView(value)) return viewNode(value);
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
    return Buffer.from(value as ArrayBuffer);
  }
  if (value instanceof Date) return writeDate(value);
  if (value instanceof Error) return errorNode(value);
  if (value instanceof PythonObject) return handleNode(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refused(value);
  return arrayNode(value) ?? new Map(Object.entries(value) as [string, PickleNode][]);
}

/** An array that `{ data, shape, dtype?, strides? }` describes; undefined if it describes none. */
export function describedArray(
  value: object,
): { data: ArrayData; dtype: string; shape: readonly number[]; order: "C" | "F" } | undefined {
  const { data, shape, dtype } = value as Record<string, unknown>;
  if (!ArrayBuffer.isView(data) || !Array.isArray(shape) || data instanceof DataView) return;
  const short = typeof dtype === "string" ? shortDtype(dtype) : dtypeOfData(data);
  const array = data as ArrayData;
  if (short === undefined) return undefined;
  const count = shape.reduce((size: number, length) => size * Number(length), entriesOf(short));
  if (count !== array.length) return undefined;
  return { data: array, dtype: short, shape, order: orderOf(value, shape) };
}

function orderOf(value: object, shape: readonly number[]): "C" | "F" {
  const { strides, stride, offset } = value as Record<string, unknown>;
  const given = strides ?? stride;
  if (given === undefined) return "C";
  const steps = Array.from(given as ArrayLike<number>);
  const isFilled = (axes: readonly number[]) => {
    let step = 1;
    return axes.every((axis) => {
      const fits = shape[axis]! <= 1 || steps[axis] === step;
      step *= shape[axis]!;
      return fits;
    });
  };
  const axes = [...shape.keys()];
  if ((offset ?? 0) === 0 && isFilled([...axes].reverse())) return "C";
  if ((offset ?? 0) === 0 && isFilled(axes)) return "F";
  throw new PythonValueError(
    `an array with strides [${steps}] cannot be sent to Python: copy it into one without gaps`,
  );
}

function arrayNode(value: object): PickleNode | undefined {
  const array = describedArray(value);
  return array && ndarray(array.data, array.dtype, array.shape, array.order);
}

function viewNode(view: ArrayBufferView): PickleNode {
  if (view instanceof DataView) return Buffer.from(bytesOf(view));
  const dtype = dtypeOfData(view);
  if (dtype === undefined) throw refused(view);
  return ndarray(view, dtype, [(view as ArrayData).length], "C");
}

function ndarray(
  view: ArrayBufferView,
  dtype: string,
  shape: readonly number[],
  order: "C" | "F",
): PickleNode {
  const memory = new PyBuffer(bytesOf(view));
  return pyCall("numpy", "ndarray", new PyTuple(shape), dtype, memory, 0, null, order);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Classes of errors that have a sibling in Python. */
const exceptions: Readonly<Record<string, string>> = {
  TypeError: "TypeError",
  RangeError: "ValueError",
  SyntaxError: "SyntaxError",
  ReferenceError: "NameError",
  AbortError: "InterruptedError",
};

/** An exception with the same message; one of Python's builtins comes back as it was. */
function errorNode(error: Error): PickleNode {
  if (error instanceof PythonException && error.pythonType.startsWith("builtins.")) {
    const name = error.pythonType.slice("builtins.".length);
    return new PyObject("call", pyGlobal("builtins", name), error.args as PickleNode[]);
  }
  const name = exceptions[error.name];
  if (name !== undefined) return pyCall("builtins", name, error.message);
  const text = error.name === "Error" ? error.message : `${error.name}: ${error.message}`;
  return pyCall("builtins", "RuntimeError", text);
}

/** The value of a handle: dask opens the payload it came as, and takes the part that it is. */
function handleNode(handle: PythonObject): PickleNode {
  const { header, frames, path } = openedHandle(handle);
  return path.reduce<PickleNode>(
    (whole, step) => pyCall("operator", "getitem", whole, step),
    pyCall("distributed.protocol.serialize", "merge_and_deserialize", header, frames),
  );
}

/**
 * What dask's `merge_and_deserialize` takes for the payload of a handle, and the way to its part.
 *
 * @throws PythonValueError if no way leads there
 */
export function openedHandle({ payload, path, typeName }: PythonObject): {
  readonly header: Map<PickleNode, PickleNode>;
  readonly frames: PickleNode[];
  readonly path: readonly PickleNode[];
} {
  if (path === null) {
    throw new PythonValueError(
      `this ${typeName} cannot be passed on alone, since it was inside a set, a key or an ` +
        "exception: pass what it came with",
    );
  }
  const frames: PickleNode[] = payload.frames.map((frame) => new PyBuffer(frame));
  if (payload instanceof Pickled) {
    const writeable = new PyTuple(frames.map(() => true));
    const header = new Map<PickleNode, PickleNode>([
      ["serializer", "pickle"],
      ["writeable", writeable],
    ]);
    return { header, frames: [Buffer.from(payload.pickle), ...frames], path };
  }
  const header = headerNode(payload.header) as Map<PickleNode, PickleNode>;
  header.delete("num-sub-frames");
  return { header, frames, path };
}

/** Lists of headers are tuples in Python, where they may be keys and shapes. */
function headerNode(value: unknown): PickleNode {
  if (value instanceof Map) {
    return new Map([...value].map(([key, each]) => [key as PickleNode, headerNode(each)]));
  }
  if (Array.isArray(value)) return new PyTuple(value.map(headerNode));
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  return value as PickleNode;
}

function refused(value: unknown): PythonValueError {
  const what = typeof value === "object" ? `a ${value?.constructor?.name}` : `a ${typeof value}`;
  return new PythonValueError(
    `${what} has no form in Python: send numbers, text, bytes, typed arrays, dates, arrays, ` +
      "plain objects, Map and Set, or a handle that came from there",
  );
}
