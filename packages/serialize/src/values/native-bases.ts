// Names the built-in kind an object is made of, whatever class extends it, and which of its own
// properties are not part of that kind.

import { types } from "node:util";
import { isNativeText } from "../functions/code-place.js";
import { type OwnEntry, ownEntries } from "./own-properties.js";

/** A built-in kind and what the object carries besides. */
export interface NativeBase {
  readonly prototype: object;
  readonly entries: readonly OwnEntry[];
}

const errorConstructors = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
} as const;

/** Names of the built-in error constructors that survive by class. */
export type ErrorConstructorName = keyof typeof errorConstructors;

/** The built-in error constructor with this name, or Error. */
export function errorConstructor(name: unknown): ErrorConstructor {
  const known = Object.hasOwn(errorConstructors, String(name));
  return (known ? errorConstructors[name as ErrorConstructorName] : Error) as ErrorConstructor;
}

/** The name of the nearest built-in constructor of an error. */
export function errorBaseName(error: object): ErrorConstructorName {
  for (let at: unknown = error; at !== null; at = Object.getPrototypeOf(at)) {
    for (const [name, kind] of Object.entries(errorConstructors)) {
      if (at === kind.prototype || isForeign(at, name)) return name as ErrorConstructorName;
    }
  }
  return "Error";
}

/** True for the prototype of the built-in error of this name in another realm. */
function isForeign(prototype: unknown, name: string): boolean {
  const kind: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof kind !== "function" || kind.name !== name) return false;
  return isNativeText(Function.prototype.toString.call(kind));
}

/** The built-in kind of a value; undefined for ordinary objects and class instances. */
export function nativeBase(value: object): NativeBase | undefined {
  if (types.isNativeError(value)) {
    return { prototype: errorConstructor(errorBaseName(value)).prototype, entries: [] };
  }
  if (Array.isArray(value)) return withEntries(Array.prototype, value, isIndexOrLength);
  if (types.isMap(value)) return withEntries(Map.prototype, value);
  if (types.isSet(value)) return withEntries(Set.prototype, value);
  if (types.isDate(value)) return withEntries(Date.prototype, value);
  if (types.isRegExp(value)) return withEntries(RegExp.prototype, value, isLastIndex);
  if (types.isBoxedPrimitive(value)) {
    return withEntries(Object(value.valueOf()).constructor.prototype, value, isIndexOrLength);
  }
  return bufferBase(value) ?? urlBase(value);
}

// Named properties of buffers are not looked for: listing the keys of a large typed array costs
// more than sending it.
function bufferBase(value: object): NativeBase | undefined {
  if (types.isAnyArrayBuffer(value)) return { prototype: ArrayBuffer.prototype, entries: [] };
  if (types.isDataView(value)) return { prototype: DataView.prototype, entries: [] };
  if (types.isTypedArray(value)) return { prototype: Uint8Array.prototype, entries: [] };
  return undefined;
}

function urlBase(value: object): NativeBase | undefined {
  if (value instanceof URL) return { prototype: URL.prototype, entries: [] };
  if (value instanceof URLSearchParams) {
    return { prototype: URLSearchParams.prototype, entries: [] };
  }
  return undefined;
}

function withEntries(
  prototype: object,
  value: object,
  skip?: (key: string | symbol) => boolean,
): NativeBase {
  return { prototype, entries: ownEntries(value, skip) };
}

function isIndexOrLength(key: string | symbol): boolean {
  return key === "length" || (typeof key === "string" && /^(0|[1-9]\d*)$/.test(key));
}

function isLastIndex(key: string | symbol): boolean {
  return key === "lastIndex";
}
