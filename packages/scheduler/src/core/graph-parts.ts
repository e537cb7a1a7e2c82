// Cuts a large graph into parts that are applied one after another, as our client cuts those that
// it sends. A task whose result a later part needs is named, to be held until all are applied.
// Only for graphs that list every task after those it needs; the plan has been checked before.
import { type NativeGraph, Serialized } from "@acme/protocol";
import type { Rows } from "./order.js";

export interface GraphPart {
  graph: NativeGraph;
  /** Tasks of this part that later parts need and nobody desires. */
  held: number[];
}

/**
 * @param rows - dependencies of the graph, those of templates included; null: none
 * @param most - tasks in one part
 * @returns null if the graph cannot be cut
 */
export function partsOfGraph(
  graph: NativeGraph,
  rows: Rows | null,
  most: number,
): GraphPart[] | null {
  const n = graph.keys.length;
  const per = graph.slab_tasks;
  if (per > most || !isSorted(n, rows)) return null;
  const step = Math.floor(most / per) * per;
  const isDesired = desiredFlags(graph);
  const parts: GraphPart[] = [];
  const lastUse = rows === null ? null : lastUses(n, rows);
  for (let from = 0; from < n; from += step) {
    const range = { from, to: Math.min(from + step, n) };
    const held: number[] = [];
    const desired: number[] = [];
    for (let i = range.from; i < range.to; i++) {
      if (isDesired === null || isDesired[i] === 1) desired.push(i - from);
      else if (lastUse !== null && (lastUse[i] as number) >= range.to) held.push(i - from);
    }
    parts.push({ graph: { ...cut(graph, rows, range), desired }, held });
  }
  return parts;
}

interface Range {
  from: number;
  to: number;
}

function isSorted(n: number, rows: Rows | null): boolean {
  if (rows === null) return true;
  for (let i = 0; i < n; i++) {
    for (let at = rows.offsets[i] as number; at < (rows.offsets[i + 1] as number); at++) {
      const index = rows.indices[at] as number;
      if (index >= i && index < n) return false;
    }
  }
  return true;
}

/** Per task the last one that needs it; itself if none does. */
function lastUses(n: number, rows: Rows): Uint32Array {
  const last = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < n; i++) {
    for (let at = rows.offsets[i] as number; at < (rows.offsets[i + 1] as number); at++) {
      const index = rows.indices[at] as number;
      if (index < n) last[index] = i;
    }
  }
  return last;
}

function desiredFlags({ keys, desired }: NativeGraph): Uint8Array | null {
  if (desired === "all") return null;
  const flags = new Uint8Array(keys.length);
  for (const index of desired) flags[index] = 1;
  return flags;
}

function cut(graph: NativeGraph, rows: Rows | null, { from, to }: Range): NativeGraph {
  const slice = (column: number | number[]) =>
    typeof column === "number" ? column : column.slice(from, to);
  const sparse = (column: number | Map<number, number>) =>
    typeof column === "number" ? column : shifted(column, { from, to });
  const firstSlab = from / graph.slab_tasks;
  const lastSlab = Math.ceil(to / graph.slab_tasks);
  const { items } = graph;
  return {
    ...graph,
    ...cutRows(graph, rows, { from, to }),
    // Rows have the dependencies of templates in them.
    templates: graph.templates.map((one) => ({ ...one, dependencies: [] })),
    keys: graph.keys.slice(from, to),
    template_of: slice(graph.template_of),
    items: new Serialized(items.header, items.frames.slice(2 * firstSlab, 2 * lastSlab)),
    buffer_of: shifted(graph.buffer_of, { from, to }),
    constraint_of: slice(graph.constraint_of),
    retries: sparse(graph.retries),
    user_priority: sparse(graph.user_priority),
  };
}

function shifted<T>(column: Map<number, T>, { from, to }: Range): Map<number, T> {
  const found = new Map<number, T>();
  for (const [index, value] of column) {
    if (index >= from && index < to) found.set(index - from, value);
  }
  return found;
}

function cutRows(
  graph: NativeGraph,
  rows: Rows | null,
  { from, to }: Range,
): Pick<NativeGraph, "external" | "dependencies"> {
  if (rows === null) return { external: [], dependencies: null };
  const n = graph.keys.length;
  const external: NativeGraph["external"] = [];
  const places = new Map<number, number>();
  const offsets = new Uint32Array(to - from + 1);
  const start = rows.offsets[from] as number;
  const indices = rows.indices.slice(start, rows.offsets[to] as number);
  for (let i = from; i < to; i++) offsets[i - from + 1] = (rows.offsets[i + 1] as number) - start;
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at] as number;
    if (index >= from && index < to) {
      indices[at] = index - from;
      continue;
    }
    let place = places.get(index);
    if (place === undefined) {
      const key = index < n ? graph.keys[index] : graph.external[index - n];
      place = to - from + external.push(key as NativeGraph["external"][number]) - 1;
      places.set(index, place);
    }
    indices[at] = place;
  }
  const frames = [new Uint8Array(offsets.buffer), new Uint8Array(indices.buffer)];
  return { external, dependencies: Serialized.acme(frames) };
}
