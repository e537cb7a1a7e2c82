// The part of the walk for everything beyond plain arrays and objects: dates, collections,
// buffers, errors, class instances, and the refusal of what lives in one process only.

import { types } from "node:util";
import { type BuiltinReference, builtinReference } from "../functions/builtins.js";
import { isNativeText } from "../functions/code-place.js";
import { customEncoding } from "./custom-classes.js";
import type { GraphEncoder } from "./encode.js";
import { encodeInstance, writePrototype } from "./encode-instance.js";
import { refuseLive } from "./live-objects.js";
import { errorBaseName, type NativeBase, nativeBase } from "./native-bases.js";
import { encodeBag, ownEntries } from "./own-properties.js";
import { type Container, type DocumentNode, mark, tag } from "./tags.js";

/** A container the walk is about to write, and where. */
export interface Visit {
  readonly parent: Container;
  readonly key: string | number;
  readonly value: object;
  readonly depth: number;
}

/** Writes the node of any object the plain cases did not take. */
export function encodeExotic(encoder: GraphEncoder, visit: Visit): void {
  const { value, parent, key } = visit;
  const builtin = builtinReference(value);
  if (builtin !== undefined) {
    parent[key] = builtinNode(builtin);
    return;
  }
  const custom = customEncoding(value);
  if (custom !== undefined) {
    const node: unknown[] = [mark, tag.custom, encoder.functionNode(custom.decode), null];
    parent[key] = node;
    const data = custom.encode(value);
    encoder.child(node as never, 3, { phrase: "encoded form" }, data, visit.depth);
    return;
  }
  if (types.isArgumentsObject(value)) {
    encodeSparse(encoder, visit, Array.from(value as unknown as ArrayLike<unknown>));
    return;
  }
  if (value instanceof DOMException) {
    encodeError(encoder, visit, value);
    return;
  }
  refuseLive(encoder, value);
  const base = nativeBase(value);
  if (base === undefined) encodeObject(encoder, visit);
  else encodeNative(encoder, visit, base);
}

/** The node of a global or of an export of a node: module. */
export function builtinNode(reference: BuiltinReference): DocumentNode {
  return reference.kind === "global"
    ? [mark, tag.global, reference.path]
    : [mark, tag.builtin, reference.module, reference.path];
}

function encodeObject(encoder: GraphEncoder, visit: Visit): void {
  const prototype: unknown = Object.getPrototypeOf(visit.value);
  if (prototype !== null && prototype !== Object.prototype && !isForeignPlain(prototype)) {
    encodeInstance(encoder, visit);
    return;
  }
  const node: unknown[] = [mark, tag.object, prototype === null, null];
  visit.parent[visit.key] = node;
  node[3] = encodeBag(encoder, ownEntries(visit.value), visit.depth);
}

// Plain objects made in another realm (a vm context) have that realm's Object.prototype.
function isForeignPlain(prototype: unknown): boolean {
  return (
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype as object, "isPrototypeOf") &&
    Object.hasOwn(prototype as object, "hasOwnProperty")
  );
}

/** Writes a built-in kind: its content, then a subclass and own properties if it has them. */
function encodeNative(encoder: GraphEncoder, visit: Visit, base: NativeBase): void {
  const { value, parent, key } = visit;
  const prototype: unknown = Object.getPrototypeOf(value);
  const subclassed = prototype !== base.prototype && !isBuiltinPrototype(prototype);
  if (!subclassed && base.entries.length === 0) {
    encodeContent(encoder, visit);
    return;
  }
  const node: unknown[] = [mark, tag.extended, null, null, null];
  parent[key] = node;
  encodeContent(encoder, { ...visit, parent: node as never, key: 2 });
  if (subclassed) writePrototype(encoder, { ...visit, parent: node as never, key: 3 });
  node[4] = encodeBag(encoder, base.entries, visit.depth);
}

function isBuiltinPrototype(prototype: unknown): boolean {
  const kind: unknown = (prototype as { constructor?: unknown } | null)?.constructor;
  if (builtinReference(kind) !== undefined) return true;
  // The Date of another realm is as native as ours.
  return typeof kind === "function" && isNativeText(Function.prototype.toString.call(kind));
}

function encodeContent(encoder: GraphEncoder, visit: Visit): void {
  const { parent, key, value } = visit;
  if (types.isDate(value)) parent[key] = [mark, tag.date, value.getTime()];
  else if (types.isRegExp(value)) {
    parent[key] = [mark, tag.regexp, value.source, value.flags, value.lastIndex];
  } else if (types.isMap(value)) encodeMap(encoder, visit, value);
  else if (types.isSet(value)) encodeSet(encoder, visit, value);
  else if (types.isAnyArrayBuffer(value)) parent[key] = encodeArrayBuffer(encoder, value);
  else if (ArrayBuffer.isView(value)) parent[key] = encodeView(encoder, value);
  else if (types.isNativeError(value)) encodeError(encoder, visit, value);
  else if (types.isBoxedPrimitive(value)) encodeBoxed(encoder, visit, value);
  else if (Array.isArray(value)) encodeSparse(encoder, visit, value);
  else if (value instanceof URL) parent[key] = [mark, tag.url, value.href];
  else if (value instanceof URLSearchParams) {
    parent[key] = [mark, tag.searchParams, value.toString()];
  } else throw new Error("a native kind without an encoding");
}

function encodeMap(encoder: GraphEncoder, visit: Visit, map: Map<unknown, unknown>): void {
  const node: unknown[] = [mark, tag.map];
  visit.parent[visit.key] = node;
  for (const [key, value] of map) {
    const at = node.push(null, null) - 2;
    encoder.child(node as never, at, { phrase: "map key" }, key, visit.depth);
    const step = typeof key === "string" ? key : { phrase: "map value" };
    encoder.child(node as never, at + 1, step, value, visit.depth);
  }
}

function encodeSet(encoder: GraphEncoder, visit: Visit, set: Set<unknown>): void {
  const node: unknown[] = [mark, tag.set];
  visit.parent[visit.key] = node;
  for (const value of set) {
    const at = node.push(null) - 1;
    encoder.child(node as never, at, { phrase: "set member" }, value, visit.depth);
  }
}

function encodeSparse(encoder: GraphEncoder, visit: Visit, array: readonly unknown[]): void {
  const node: unknown[] = [mark, tag.sparse, array.length];
  visit.parent[visit.key] = node;
  for (const name of Object.keys(array)) {
    const index = Number(name);
    if (!Number.isInteger(index) || String(index) !== name) continue;
    const at = node.push(index, null) - 1;
    encoder.child(node as never, at, index, array[index], visit.depth);
  }
}

function encodeArrayBuffer(encoder: GraphEncoder, buffer: ArrayBufferLike): DocumentNode {
  refuseDetached(encoder, buffer);
  const node: unknown[] = [mark, tag.arrayBuffer, 0, 0, buffer.byteLength];
  const range = { start: 0, end: buffer.byteLength, itemBytes: 1, node, slot: 2 };
  encoder.buffers.add(buffer, range);
  return node;
}

function encodeView(encoder: GraphEncoder, view: ArrayBufferView): DocumentNode {
  const { buffer, byteOffset: start, byteLength } = view;
  refuseDetached(encoder, buffer);
  const kind = Buffer.isBuffer(view) ? "Buffer" : viewKind(view);
  const itemBytes = (view as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
  const node: unknown[] = [mark, tag.view, kind, 0, 0, byteLength / itemBytes];
  encoder.buffers.add(buffer, { start, end: start + byteLength, itemBytes, node, slot: 3 });
  return node;
}

// Transferred memory looks like an empty buffer; sending that would lose data silently.
function refuseDetached(encoder: GraphEncoder, buffer: ArrayBufferLike): void {
  if (buffer.byteLength > 0) return;
  try {
    new Uint8Array(buffer);
  } catch {
    throw encoder.refuse(
      "LIVE_OBJECT",
      "value is a detached ArrayBuffer, whose memory was transferred elsewhere",
      "send it before transferring it, or transfer a copy",
    );
  }
}

function viewKind(view: ArrayBufferView): string {
  if (types.isDataView(view)) return "DataView";
  return Reflect.get(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag, view);
}

function encodeBoxed(encoder: GraphEncoder, visit: Visit, boxed: object): void {
  const node: unknown[] = [mark, tag.boxed, null];
  visit.parent[visit.key] = node;
  encoder.child(node as never, 2, { phrase: "boxed value" }, boxed.valueOf(), visit.depth);
}

function encodeError(encoder: GraphEncoder, visit: Visit, error: Error): void {
  const node: unknown[] = [mark, tag.error, errorBaseName(error), null];
  visit.parent[visit.key] = node;
  // Newer engines keep the stack behind a hidden accessor, which ownEntries leaves out.
  const entries = ownEntries(error, (name) => name === "stack");
  entries.push({ key: "stack", value: error.stack, enumerable: false });
  // A DOMException, such as an AbortError, keeps its parts behind accessors of its class.
  if (error instanceof DOMException) {
    const { name, message, code } = error;
    for (const [key, value] of Object.entries({ name, message, code })) {
      entries.push({ key, value, enumerable: false });
    }
  }
  node[3] = encodeBag(encoder, entries, visit.depth);
}
