// Tells whether a value is a tree that msgpack keeps exactly, so that it can be packed as it is.
// It decides alone about speed, never about meaning: whatever it rejects takes the full walk.

import { inspect, types } from "node:util";
import { serializeLimits } from "../limits.js";
import { mark } from "./tags.js";

interface WellFormed {
  isWellFormed(): boolean;
}

const { isProxy } = types;
const objectPrototype = Object.prototype;
const arrayPrototype = Array.prototype;
const getPrototypeOf = Object.getPrototypeOf;
const getOwnPropertySymbols = Object.getOwnPropertySymbols;

/** True for text without lone surrogates. */
export function isWellFormed(text: string): boolean {
  return (text as unknown as WellFormed).isWellFormed();
}

/** Reusable check: one instance keeps its set of seen containers between values of a batch. */
export class PlainCheck {
  readonly #seen = new Set<object>();

  /** True when `value` is a tree of plain data; shared or cyclic data is not a tree. */
  accepts(value: unknown): boolean {
    const plain = this.#plain(value, 0);
    if (this.#seen.size > 0) this.#seen.clear();
    return plain;
  }

  #plain(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case "number":
        return value !== 0 || 1 / value > 0;
      case "string":
        return isWellFormed(value);
      case "boolean":
      case "undefined":
        return true;
      case "object":
        return value === null || this.#plainContainer(value, depth);
      default:
        return false;
    }
  }

  #plainContainer(value: object, depth: number): boolean {
    if (depth >= serializeLimits.inlineDepth || this.#seen.has(value)) return false;
    if (isProxy(value)) return false;
    this.#seen.add(value);
    const prototype = getPrototypeOf(value);
    if (prototype === objectPrototype) return this.#plainObject(value, depth);
    if (prototype === arrayPrototype && Array.isArray(value)) return this.#plainArray(value, depth);
    return false;
  }

  #plainObject(value: object, depth: number): boolean {
    if (getOwnPropertySymbols(value).length > 0) return false;
    for (const key of Object.keys(value)) {
      if (!isOrdinaryKey(key)) return false;
      if (!this.#plain((value as Record<string, unknown>)[key], depth + 1)) return false;
    }
    return true;
  }

  #plainArray(value: readonly unknown[], depth: number): boolean {
    for (let index = 0; index < value.length; index++) {
      const item = value[index];
      if (item === undefined && !(index in value)) return false;
      if (!this.#plain(item, depth + 1)) return false;
    }
    return !hasNamedProperties(value);
  }
}

/** True for keys a plain msgpack map brings back unchanged. */
export function isOrdinaryKey(key: string): boolean {
  return key !== "__proto__" && isWellFormed(key);
}

/** True when an array without holes carries properties besides its items, as a match does. */
export function hasNamedProperties(array: readonly unknown[]): boolean {
  if (array.length > serializeLimits.inspectedArrayLength) {
    // inspect asks V8 for the non-index keys alone: microseconds, where Object.keys takes 0.1 us
    // an item. Should its text ever change, the exact check below still decides.
    const text = inspect(array, { maxArrayLength: 0, depth: 0, compact: true, colors: false });
    if (text === `[ ... ${array.length} more items ]`) return false;
  }
  return Object.keys(array).length !== array.length || getOwnPropertySymbols(array).length > 0;
}

/** True when an array must be escaped to be told from a special node. */
export function looksMarked(array: readonly unknown[]): boolean {
  return array[0] === mark;
}
