// From a payload of a Python peer to a value: its serializer families, collections that were
// serialized member by member, and exceptions. Payloads of acme's own codec are not its business.
import {
  decodeNumpy,
  type Inflate,
  isNumpy,
  openPayload,
  type PayloadPart,
  type Pickled,
  type Serialized,
  type ValuePart,
  WireFormatError,
} from "@acme/protocol";
import { type PickleNode, PyObject } from "../pickle/nodes.js";
import { readPickle } from "../pickle/read-pickle.js";
import { arrayOf } from "./array-types.js";
import { PythonException } from "./python-exception.js";
import { PythonObject } from "./python-object.js";
import { readException, tracebackText } from "./read-exception.js";
import { asBuffer, ValueReader } from "./read-value.js";

/**
 * Reads a value that Python serialized. Arrays are views of the payload where their alignment
 * allows; what has no form here becomes a {@link PythonObject} that keeps the payload.
 *
 * @param payload - as it came; compressed frames need `inflate`
 * @param inflate - undoes compression
 * @throws WireFormatError, PickleFormatError if it is damaged; LimitError; UnserializableError
 */
export function readPython(payload: Serialized | Pickled, inflate?: Inflate): unknown {
  return readPart(payload, openPayload(payload, inflate), []);
}

/**
 * Reads an exception as tasks and replies tell it: bytes that were serialized, or the pickle.
 *
 * @param exception - `exception` of a message
 * @param traceback - `traceback` of the same message, if there is one
 */
export function readPythonException(
  exception: Serialized | Pickled | Uint8Array,
  traceback?: Serialized | Pickled | Uint8Array | null,
): PythonException {
  const node = nodeOf(exception);
  const text = traceback === undefined || traceback === null ? "" : readTraceback(traceback);
  if (!(node instanceof PyObject)) {
    const message = typeof node === "string" ? node : "an exception that cannot be read here";
    return new PythonException({
      ...{ module: "builtins", name: "Exception", args: [message] },
      ...{ traceback: text, notes: [] },
    });
  }
  const payload = exception instanceof Uint8Array ? undefined : exception;
  const reader = new ValueReader(payload as Serialized, null);
  const found = readException(node, (each) => reader.read(each));
  return text === "" ? found : found.withTraceback(text);
}

function readTraceback(traceback: Serialized | Pickled | Uint8Array): string {
  const node = nodeOf(traceback);
  return typeof node === "string" ? node : tracebackText(node);
}

/** Serialized bytes that are themselves a pickle, or a pickle. */
function nodeOf(source: Serialized | Pickled | Uint8Array): PickleNode {
  if (source instanceof Uint8Array) return readPickle(source);
  const part = openPayload(source);
  if (part.type !== "value") throw new WireFormatError("an exception that is no pickle");
  if (part.serializer === "pickle") {
    const node = nodeOfPart(part);
    return node instanceof Uint8Array ? readPickle(node) : node;
  }
  const [bytes] = part.frames;
  if (bytes === undefined) throw new WireFormatError("an exception without bytes");
  return readPickle(bytes);
}

function nodeOfPart({ header, frames }: ValuePart): PickleNode {
  const inHeader = header.get("pickled-obj");
  if (inHeader instanceof Uint8Array) return readPickle(inHeader, frames);
  const [pickle, ...buffers] = frames;
  if (pickle === undefined) throw new WireFormatError("a pickle without bytes");
  return readPickle(pickle, buffers);
}

function readPart(
  payload: Serialized | Pickled,
  part: PayloadPart,
  path: readonly PickleNode[],
): unknown {
  switch (part.type) {
    case "msgpack":
      return part.value;
    case "collection": {
      const { items, keys, collection } = part;
      if (collection === "dict") {
        const entries = items.map((item, i) => {
          const key = keys[i] as PickleNode;
          return [key, readPart(payload, item, [...path, key])] as const;
        });
        const isPlain = keys.every((key) => typeof key === "string" && key !== "__proto__");
        return isPlain ? Object.fromEntries(entries as [string, unknown][]) : new Map(entries);
      }
      const values = items.map((item, i) => readPart(payload, item, [...path, i]));
      return collection === "set" ? new Set(values) : values;
    }
    case "value":
      return readValue(payload, part, path);
  }
}

function readValue(
  payload: Serialized | Pickled,
  part: ValuePart,
  path: readonly PickleNode[],
): unknown {
  const { serializer, header, frames } = part;
  if (serializer === "pickle") return new ValueReader(payload, path).read(nodeOfPart(part));
  const type = String(header.get("type") ?? "object");
  if (serializer === "dask") {
    const isBytes = ["bytes", "builtins.bytes", "bytearray", "builtins.bytearray", "memoryview"];
    if (isBytes.includes(type) && frames.length === 1) return asBuffer(frames[0]);
    const array = isNumpy(part) ? readArray(payload, part, path) : undefined;
    if (array !== undefined) return array;
  }
  return new PythonObject(type, payload, path);
}

function readArray(
  payload: Serialized | Pickled,
  part: ValuePart,
  path: readonly PickleNode[],
): unknown {
  const sub = part.header.get("sub-header");
  const fields = sub instanceof Map ? sub : part.header;
  if (fields.get("pickle") === true) {
    return new ValueReader(payload, path).read(readPickle(part.frames[0]!, part.frames.slice(1)));
  }
  const [isCustom, dtype] = (fields.get("dtype") ?? []) as [unknown, unknown];
  if (isCustom !== 0 || typeof dtype !== "string") return undefined;
  if (fields.has("broadcast_to")) return readBroadcast(part);
  const shape = fields.get("shape") as number[];
  const strides = fields.get("strides") as number[];
  const bytes = part.frames[0] ?? new Uint8Array(0);
  return arrayOf({ dtype, shape, order: orderOf(shape, strides), bytes });
}

/** Written out; only for the plainest dtypes. */
function readBroadcast(part: ValuePart): unknown {
  try {
    const { dtype, shape, data } = decodeNumpy(part);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return arrayOf({ dtype, shape, order: "C", bytes });
  } catch (error) {
    if (error instanceof WireFormatError) return undefined;
    throw error;
  }
}

/** Dask sends contiguous memory only: what is not in C order is in Fortran's. */
function orderOf(shape: readonly number[], strides: readonly number[]): "C" | "F" {
  let step: number | undefined;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] as number;
    if (length <= 1) continue;
    if (step !== undefined && strides[axis] !== step) return "F";
    step = (strides[axis] as number) * length;
  }
  return "C";
}
