// Nested settings and where each came from: merging in order, and dask's rule that `-` and `_` in
// a name are the same. It knows neither files nor environment variables.

import type { Origin } from "./errors.js";

/** A level of settings. Maps, because names come from users. */
export type Tree = Map<string, Leaf | Tree>;

/** One value and where it was set. Lists are values: they replace, they do not merge. */
export interface Leaf {
  readonly value: unknown;
  readonly origin: Origin;
}

/** The spelling under which `name` is already known in this level, else `name` itself. */
export function canonicalName(level: Tree, name: string): string {
  if (level.has(name)) return name;
  const dashed = name.replaceAll("_", "-");
  if (level.has(dashed)) return dashed;
  const underscored = name.replaceAll("-", "_");
  if (level.has(underscored)) return underscored;
  for (const known of level.keys()) if (known.replaceAll("_", "-") === dashed) return known;
  return name;
}

/** Lays `above` over `below`, in place: values of `above` win, levels are merged. */
export function mergeInto(below: Tree, above: Tree): void {
  for (const [name, node] of above) {
    const known = canonicalName(below, name);
    const old = below.get(known);
    if (!(node instanceof Map)) below.set(known, node);
    else if (old instanceof Map) mergeInto(old, node);
    else below.set(known, copyTree(node));
  }
}

function copyTree(tree: Tree): Tree {
  const copy: Tree = new Map();
  mergeInto(copy, tree);
  return copy;
}

/** Sets one value by its dotted path, making the levels on the way. */
export function setPath(tree: Tree, path: string, node: Leaf | Tree): void {
  const names = path.split(".");
  const last = names.pop()!;
  let level = tree;
  for (const name of names) {
    const known = canonicalName(level, name);
    const next = level.get(known);
    const child: Tree = next instanceof Map ? next : new Map();
    if (child !== next) level.set(known, child);
    level = child;
  }
  mergeInto(level, new Map([[last, node]]));
}

/** What stands at a dotted path, or undefined. */
export function findPath(tree: Tree, path: string): Leaf | Tree | undefined {
  let node: Leaf | Tree | undefined = tree;
  for (const name of path.split(".")) {
    if (!(node instanceof Map)) return undefined;
    node = node.get(canonicalName(node, name));
  }
  return node;
}

/** Settings given in code; `a.b` in a name means two levels, as in dask's `config.set`. */
export function treeOf(values: Readonly<Record<string, unknown>>, origin: Origin = {}): Tree {
  const tree: Tree = new Map();
  for (const [path, value] of Object.entries(values)) {
    if (value === undefined) continue;
    setPath(tree, path, isPlainObject(value) ? treeOf(value, origin) : { value, origin });
  }
  return tree;
}

/** Plain objects out of a tree, for printing and for handing on. */
export function plainValue(node: Leaf | Tree): unknown {
  if (!(node instanceof Map)) return node.value;
  return Object.fromEntries([...node].map(([name, child]) => [name, plainValue(child)]));
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a value is, for messages: "a list", "a string". */
export function describeKind(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : `a ${typeof value}`;
}
