// The walk that turns any value into the nodes of a value document: values given to a task and
// values captured by a function alike, so that identity and cycles hold across both.
// It is synchronous; functions are noted as pending and described by whoever runs the walk.

import { types } from "node:util";
import { builtinReference } from "../functions/builtins.js";
import { serializeLimits } from "../limits.js";
import { FunctionShipError, type ShipErrorCode } from "../ship-error.js";
import { BufferCollector } from "./buffers.js";
import type { GraphDocument } from "./document.js";
import { encodeExotic } from "./encode-exotic.js";
import { describePath, type Step } from "./path.js";
import { hasNamedProperties, isOrdinaryKey, isWellFormed, looksMarked } from "./plain.js";
import { type Container, type DocumentNode, mark, tag } from "./tags.js";

/** A function met by the walk: its table entry is written later. */
export interface PendingFunction {
  readonly target: object;
  readonly index: number;
  readonly path: readonly Step[];
}

interface Deferred {
  readonly value: object;
  readonly index: number;
  readonly path: readonly Step[];
}

/** What a walk may be told. */
export interface EncodeOptions {
  /** Gives the key of a value that lives elsewhere (a future), undefined for all others. */
  readonly refOf?: ((value: object) => string | undefined) | undefined;
}

/** Builds one document. */
export class GraphEncoder {
  readonly buffers = new BufferCollector();
  readonly refs: string[] = [];
  readonly pending: PendingFunction[] = [];
  readonly #options: EncodeOptions;
  readonly #table: DocumentNode[] = [];
  readonly #functions: number[] = [];
  readonly #slots = new Map<unknown, number>();
  readonly #parents: Container[] = [];
  readonly #keys: (string | number)[] = [];
  readonly #indices: number[] = [];
  readonly #deferred: Deferred[] = [];
  #path: Step[] = [];

  constructor(options: EncodeOptions = {}) {
    this.#options = options;
  }

  /** Encodes a whole value and returns its node; functions inside stay pending. */
  encode(value: unknown, path: readonly Step[] = []): DocumentNode {
    const holder: Container = {};
    this.put(holder, "root", value, path);
    return holder.root;
  }

  /** Encodes into a slot that lives on, so that later sharing can still move the node. */
  put(parent: Container, key: string | number, value: unknown, path: readonly Step[]): void {
    this.within(path, () => this.write(parent, key, value, 0));
  }

  /** Fills the table entry of a function that was pending. */
  fill(index: number, node: DocumentNode): void {
    this.#table[index] = node;
  }

  /** Adds a function entry that stands for no value of this process; gives a node for it. */
  addEntry(node: DocumentNode): DocumentNode {
    const index = this.#table.push(node) - 1;
    this.#functions.push(index);
    return [mark, tag.ref, index];
  }

  /** Runs a part of the walk as if it had come by `path`. */
  within(path: readonly Step[], walk: () => void): void {
    this.#path = [...path];
    walk();
    this.#drain();
  }

  /** The table index of a function or class, pending it at first sight. */
  functionNode(target: object): DocumentNode {
    const known = this.#slots.get(target);
    if (known !== undefined) return [mark, tag.ref, this.#indices[known]];
    const index = this.#table.push(undefined) - 1;
    this.#register(target, this.#table as unknown as Container, index, index);
    this.#functions.push(index);
    this.pending.push({ target, index, path: [...this.#path] });
    return [mark, tag.ref, index];
  }

  /** Writes the node of `value` to `parent[key]`, then the nodes below it. */
  write(parent: Container, key: string | number, value: unknown, depth: number): void {
    switch (typeof value) {
      case "number":
        parent[key] = Object.is(value, -0) ? [mark, tag.negativeZero] : value;
        return;
      case "string":
        parent[key] = isWellFormed(value) ? value : [mark, tag.text, Buffer.from(value, "utf16le")];
        return;
      case "boolean":
      case "undefined":
        parent[key] = value;
        return;
      case "bigint":
        parent[key] = [mark, tag.bigint, value.toString(16)];
        return;
      case "symbol":
        parent[key] = this.#symbol(value);
        return;
      case "function":
        this.#function(parent, key, value);
        return;
      default:
        if (value === null) parent[key] = null;
        else this.#object(parent, key, value as object, depth);
    }
  }

  /** Writes a child, keeping track of where it is for messages. */
  child(parent: Container, key: string | number, step: Step, value: unknown, depth: number): void {
    this.#path.push(step);
    this.write(parent, key, value, depth + 1);
    this.#path.pop();
  }

  /** An error that names how the walk came here. */
  refuse(code: ShipErrorCode, what: string, hint: string): FunctionShipError {
    return new FunctionShipError(code, { what, hint, path: describePath(this.#path) });
  }

  finish(root: DocumentNode, segments: readonly (Uint8Array | number)[]): GraphDocument {
    return { root, table: this.#table, functions: this.#functions, segments };
  }

  #symbol(value: symbol): DocumentNode {
    const key = Symbol.keyFor(value);
    if (key !== undefined) return [mark, tag.symbol, key];
    const name = value.description ?? "";
    const wellKnown = /^Symbol\.(\w+)$/.exec(name)?.[1];
    if (wellKnown !== undefined && Reflect.get(Symbol, wellKnown) === value) {
      return [mark, tag.global, ["Symbol", wellKnown]];
    }
    throw this.refuse(
      "UNIQUE_SYMBOL",
      `value is the unique symbol Symbol(${name}), which exists in this process alone`,
      `use a registered symbol, Symbol.for(${JSON.stringify(name)})`,
    );
  }

  #function(parent: Container, key: string | number, value: object): void {
    const remote = this.#options.refOf?.(value);
    if (remote !== undefined) parent[key] = this.#remote(remote);
    else parent[key] = this.functionNode(value);
  }

  #remote(key: string): DocumentNode {
    this.refs.push(key);
    return [mark, tag.remote, key];
  }

  #object(parent: Container, key: string | number, value: object, depth: number): void {
    const known = this.#slots.get(value);
    if (known !== undefined) {
      parent[key] = this.#share(known);
      return;
    }
    if (depth >= serializeLimits.inlineDepth) {
      const index = this.#table.push(undefined) - 1;
      this.#register(value, this.#table as unknown as Container, index, index);
      parent[key] = [mark, tag.ref, index];
      this.#deferred.push({ value, index, path: [...this.#path] });
      return;
    }
    this.#register(value, parent, key, -1);
    this.#container(parent, key, value, depth);
  }

  #register(value: object, parent: Container, key: string | number, index: number): void {
    this.#slots.set(value, this.#parents.length);
    this.#parents.push(parent);
    this.#keys.push(key);
    this.#indices.push(index);
  }

  // Every node is put in its place before its children are walked, so that it can be moved to the
  // table when it is met again, even from below itself.
  #share(slot: number): DocumentNode {
    const index = this.#indices[slot] as number;
    if (index >= 0) return [mark, tag.ref, index];
    const parent = this.#parents[slot] as Container;
    const key = this.#keys[slot] as string | number;
    const moved = this.#table.push(parent[key]) - 1;
    this.#indices[slot] = moved;
    parent[key] = [mark, tag.ref, moved];
    return [mark, tag.ref, moved];
  }

  #drain(): void {
    for (let next = this.#deferred.pop(); next !== undefined; next = this.#deferred.pop()) {
      this.#path = [...next.path];
      this.#container(this.#table as unknown as Container, next.index, next.value, 0);
    }
  }

  #container(parent: Container, key: string | number, value: object, depth: number): void {
    if (types.isProxy(value)) {
      throw this.refuse(
        "PROXY",
        "value is a Proxy, whose handler exists in this process alone",
        "pass the plain data behind it",
      );
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Array.prototype && Array.isArray(value)) {
      if (this.#array(parent, key, value, depth)) return;
    } else if (prototype === Object.prototype) {
      if (this.#plainObject(parent, key, value, depth)) return;
    } else if (prototype !== null) {
      const remote = this.#options.refOf?.(value);
      if (remote !== undefined) {
        parent[key] = this.#remote(remote);
        return;
      }
    }
    encodeExotic(this, { parent, key, value, depth });
  }

  #array(parent: Container, key: string | number, value: unknown[], depth: number): boolean {
    for (let index = 0; index < value.length; index++) {
      if (value[index] === undefined && !(index in value)) return false;
    }
    if (hasNamedProperties(value)) return false;
    const escaped = looksMarked(value);
    const node: unknown[] = escaped ? [mark, tag.array] : new Array(value.length).fill(null);
    const first = escaped ? 2 : 0;
    parent[key] = node;
    const target = node as unknown as Container;
    for (let index = 0; index < value.length; index++) {
      this.child(target, first + index, index, value[index], depth);
    }
    return true;
  }

  #plainObject(parent: Container, key: string | number, value: object, depth: number): boolean {
    if (Object.getOwnPropertySymbols(value).length > 0) return false;
    const names = Object.keys(value);
    if (!names.every(isOrdinaryKey)) return false;
    const record = value as Record<string, unknown>;
    const holdsFunctions = names.some((name) => typeof record[name] === "function");
    if (holdsFunctions && builtinReference(value) !== undefined) return false;
    const node: Container = {};
    parent[key] = node;
    for (const name of names) {
      this.child(node, name, name, record[name], depth);
    }
    return true;
  }
}
