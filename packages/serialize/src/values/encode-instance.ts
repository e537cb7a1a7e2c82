// Class instances: by reference to their class, with own properties copied. Refuses instances
// whose state no code outside can read, and instances of built-in classes without an encoding.

import { builtinReference } from "../functions/builtins.js";
import { classFacts } from "../functions/class-facts.js";
import type { GraphEncoder } from "./encode.js";
import type { Visit } from "./encode-exotic.js";
import { handle } from "./live-objects.js";
import { encodeBag, ownEntries } from "./own-properties.js";
import { mark, tag } from "./tags.js";

/** Writes an instance: what its prototype is, then its own properties. */
export function encodeInstance(encoder: GraphEncoder, visit: Visit): void {
  const node: unknown[] = [mark, tag.instance, null, null];
  visit.parent[visit.key] = node;
  writePrototype(encoder, { ...visit, parent: node as never, key: 2 });
  node[3] = encodeBag(encoder, ownEntries(visit.value), visit.depth);
}

/**
 * Writes to the slot of `visit` what gives the value its prototype: its class, or, for objects
 * made by Object.create, the prototype object itself.
 */
export function writePrototype(encoder: GraphEncoder, visit: Visit): void {
  const prototype = Object.getPrototypeOf(visit.value) as object;
  const kind: unknown = Object.hasOwn(prototype, "constructor")
    ? (prototype as { constructor?: unknown }).constructor
    : undefined;
  if (typeof kind !== "function" || kind.prototype !== prototype) {
    refuseBuiltinAncestors(encoder, visit.value);
    const step = { phrase: "its prototype" };
    encoder.child(visit.parent, visit.key, step, prototype, visit.depth);
    return;
  }
  refuseUnreadable(encoder, visit.value);
  visit.parent[visit.key] = encoder.functionNode(kind);
}

function refuseUnreadable(encoder: GraphEncoder, value: object): void {
  for (const kind of constructorsOf(value)) {
    const builtin = builtinReference(kind);
    if (builtin !== undefined && isDataBase(kind)) return;
    const facts = classFacts(kind);
    if (builtin !== undefined || facts.builtin) throw refuseHandle(encoder, value);
    if (facts.privateMember !== undefined) {
      throw encoder.refuse(
        "PRIVATE_STATE",
        `value is an instance of ${kind.name || "an anonymous class"} with private state ` +
          `(${facts.privateMember}), which no code outside its class can read`,
        "pass the data it is made from, or tell how it travels with registerClass()",
      );
    }
  }
}

function refuseBuiltinAncestors(encoder: GraphEncoder, value: object): void {
  for (const kind of constructorsOf(value)) {
    if (builtinReference(kind) !== undefined && !isDataBase(kind)) {
      throw refuseHandle(encoder, value);
    }
  }
}

function refuseHandle(encoder: GraphEncoder, value: object) {
  const { what, hint } = handle(value);
  return encoder.refuse("LIVE_OBJECT", `value is ${what}`, hint);
}

const dataBases: ReadonlySet<unknown> = new Set([
  Object,
  Array,
  Map,
  Set,
  Date,
  RegExp,
  Error,
  Boolean,
  Number,
  String,
  Symbol,
  BigInt,
  ArrayBuffer,
  DataView,
  Object.getPrototypeOf(Uint8Array),
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  Buffer,
  URL,
  URLSearchParams,
]);

function isDataBase(kind: unknown): boolean {
  return dataBases.has(kind);
}

function* constructorsOf(value: object): Generator<{ readonly name: string }> {
  let at: object | null = Object.getPrototypeOf(value);
  for (; at !== null; at = Object.getPrototypeOf(at)) {
    const own = Object.getOwnPropertyDescriptor(at, "constructor")?.value;
    if (typeof own === "function") yield own;
  }
}
