// From the notes of a pickle to values, by the table in docs/python.md. What has no form here stays a
// handle on the part of the whole value that it is.
import { LimitError, type Pickled, type Serialized } from "@acme/protocol";
import { type PickleNode, PyFrozenSet, PyGlobal, PyObject, PyTuple } from "../pickle/nodes.js";
import { pickleLimits } from "../pickle/pickle-limits.js";
import { readDate, readDatetime } from "./dates.js";
import { PythonObject } from "./python-object.js";
import { isException, readException } from "./read-exception.js";
import {
  arrayFromBuffer,
  arrayFromCall,
  arrayFromState,
  bytesOf,
  numpyScalar,
} from "./read-numpy.js";

/** Reads the values of one payload. */
export class ValueReader {
  readonly #payload: Serialized | Pickled;
  /** How the node at hand is reached; null where no path leads. */
  #path: readonly PickleNode[] | null;
  readonly #done = new Map<object, unknown>();
  #depth = 0;
  /** Something had no form here. */
  foundHandle = false;

  /** @param path - where in the payload the first node is; null: nowhere */
  constructor(payload: Serialized | Pickled, path: readonly PickleNode[] | null = []) {
    this.#payload = payload;
    this.#path = path;
  }

  /** @throws LimitError if it is nested too deep */
  read(node: PickleNode): unknown {
    if (typeof node !== "object" || node === null) return node;
    if (node instanceof Uint8Array) return asBuffer(node);
    const known = this.#done.get(node);
    if (known !== undefined) return known;
    this.#depth += 1;
    if (this.#depth > pickleLimits.depth) {
      throw new LimitError("depth", this.#depth, pickleLimits.depth);
    }
    const value = this.#object(node);
    this.#depth -= 1;
    this.#done.set(node, value);
    return value;
  }

  #object(node: Exclude<PickleNode, Uint8Array> & object): unknown {
    if (Array.isArray(node)) return this.#list(node, node);
    if (node instanceof PyTuple) return this.#list(node, node.items);
    if (node instanceof Map) return this.#dict(node, node);
    if (node instanceof Set) return this.#set(node, [...node]);
    if (node instanceof PyFrozenSet) return this.#set(node, node.items);
    if (node instanceof PyObject) return this.#made(node) ?? this.#opaque(node);
    return this.#opaque(node);
  }

  #made(node: PyObject): unknown {
    const { maker } = node;
    if (isException(node)) return readException(node, (each) => this.#elsewhere(each));
    if (maker === undefined) return undefined;
    const { args } = node;
    switch (`${maker.module}:${maker.name}`) {
      case "numpy._core.numeric:_frombuffer":
      case "numpy.core.numeric:_frombuffer":
        return arrayFromBuffer(node);
      case "numpy._core.multiarray:_reconstruct":
      case "numpy.core.multiarray:_reconstruct":
        return arrayFromState(node);
      case "numpy._core.multiarray:scalar":
      case "numpy.core.multiarray:scalar":
        return numpyScalar(node);
      case "numpy:ndarray":
        return arrayFromCall(node);
      case "datetime:datetime":
        return readDatetime(node);
      case "datetime:date":
        return readDate(node);
      case "builtins:set":
      case "builtins:frozenset":
        return Array.isArray(args[0]) ? this.#set(node, args[0]) : new Set();
      case "collections:OrderedDict":
      case "collections:defaultdict":
        return this.#dict(node, node.entries ?? new Map());
      case "collections:Counter":
        return args[0] instanceof Map ? this.#dict(node, args[0]) : undefined;
      case "_codecs:encode":
      case "builtins:bytearray":
      case "builtins:bytes":
        return asBuffer(bytesOf(node) ?? bytesOf(args[0]));
      default:
        return undefined;
    }
  }

  #list(node: object, items: readonly PickleNode[]): unknown[] {
    const values: unknown[] = new Array(items.length);
    this.#done.set(node, values);
    for (let i = 0; i < items.length; i++) values[i] = this.#part(i, items[i]!);
    return values;
  }

  #dict(node: object, entries: ReadonlyMap<PickleNode, PickleNode>): unknown {
    for (const key of entries.keys()) if (typeof key !== "string") return this.#map(node, entries);
    const values: Record<string, unknown> = {};
    this.#done.set(node, values);
    for (const [key, each] of entries as ReadonlyMap<string, PickleNode>) {
      const value = this.#part(key, each);
      if (key !== "__proto__") values[key] = value;
      else Object.defineProperty(values, key, { value, ...ownField });
    }
    return values;
  }

  #map(node: object, entries: ReadonlyMap<PickleNode, PickleNode>): Map<unknown, unknown> {
    const values = new Map<unknown, unknown>();
    this.#done.set(node, values);
    for (const [key, each] of entries) values.set(this.#elsewhere(key), this.#part(key, each));
    return values;
  }

  #set(node: object, items: readonly PickleNode[]): unknown {
    const values = new Set<unknown>();
    this.#done.set(node, values);
    for (const item of items) values.add(this.#elsewhere(item));
    return values;
  }

  /** What one indexes with that step. */
  #part(step: PickleNode, node: PickleNode): unknown {
    // Scalars are most of what there is, and need no path.
    if (typeof node !== "object" || node === null) return node;
    const before = this.#path;
    this.#path = before === null ? null : [...before, step];
    const value = this.read(node);
    this.#path = before;
    return value;
  }

  /** What no index leads to: a member of a set, a key, an argument. */
  #elsewhere(node: PickleNode): unknown {
    const before = this.#path;
    this.#path = null;
    const value = this.read(node);
    this.#path = before;
    return value;
  }

  #opaque(node: PickleNode): PythonObject {
    this.foundHandle = true;
    return new PythonObject(typeNameOf(node), this.#payload, this.#path);
  }
}

const ownField = { enumerable: true, configurable: true, writable: true };

/** Bytes of Python are a Buffer here, which is how they are told from an array of uint8. */
export function asBuffer(bytes: Uint8Array | undefined): Buffer | undefined {
  if (bytes === undefined) return undefined;
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}

function typeNameOf(node: PickleNode): string {
  if (node instanceof PyGlobal) return `${node.module}.${node.name}`;
  if (!(node instanceof PyObject)) return "object";
  const { maker, args } = node;
  if (maker === undefined) return "object";
  // Made by a function of copyreg, pandas or cloudpickle that is told the class first.
  const cls = /^_|^__newobj/.test(maker.name) ? args[0] : undefined;
  return cls instanceof PyGlobal ? `${cls.module}.${cls.name}` : `${maker.module}.${maker.name}`;
}
