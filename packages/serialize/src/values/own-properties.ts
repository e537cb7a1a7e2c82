// Reads the own properties of an object and writes them as a bag: a plain map where that is
// exact, otherwise triples of key, value and whether the property is enumerable.

import type { GraphEncoder } from "./encode.js";
import { isOrdinaryKey } from "./plain.js";
import type { Container, DocumentNode } from "./tags.js";

/** One own property; accessors are read once, as a copy of the object would. */
export interface OwnEntry {
  readonly key: string | symbol;
  readonly value: unknown;
  readonly enumerable: boolean;
}

/** Own properties in order, without those whose key `skip` accepts. */
export function ownEntries(
  value: object,
  skip: (key: string | symbol) => boolean = () => false,
): OwnEntry[] {
  const entries: OwnEntry[] = [];
  for (const key of Reflect.ownKeys(value)) {
    if (skip(key)) continue;
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property === undefined) continue;
    const enumerable = property.enumerable === true;
    // Hidden accessors and hidden unique symbols belong to the machinery, not to the data.
    const hiddenSymbol = typeof key === "symbol" && Symbol.keyFor(key) === undefined;
    if (!enumerable && (hiddenSymbol || !("value" in property))) continue;
    entries.push({ key, value: Reflect.get(value, key), enumerable });
  }
  return entries;
}

/** Writes entries as a bag node. */
export function encodeBag(
  encoder: GraphEncoder,
  entries: readonly OwnEntry[],
  depth: number,
): DocumentNode {
  if (entries.every(isOrdinary)) {
    const bag: Container = {};
    for (const { key, value } of entries) {
      encoder.child(bag, key as string, key as string, value, depth);
    }
    return bag;
  }
  const bag: unknown[] = [];
  for (const { key, value, enumerable } of entries) {
    const at = bag.push(null, null, enumerable) - 3;
    const step = typeof key === "string" ? key : { phrase: `property ${String(key)}` };
    encoder.child(bag as never, at, step, key, depth);
    encoder.child(bag as never, at + 1, step, value, depth);
  }
  return bag;
}

function isOrdinary({ key, enumerable }: OwnEntry): boolean {
  return enumerable && typeof key === "string" && isOrdinaryKey(key);
}
