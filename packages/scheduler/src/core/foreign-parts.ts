// A large graph that Python has unfolded, applied part by part in the order in which its tasks are
// to run, like our own (graph-parts.ts). What later parts need is held and begun at once, so that
// the last part has no more to set off than the first. Knows nothing of run specs.
import type { TaskKey } from "@acme/protocol";
import type { ForeignGraph, ForeignSlab, Wishes } from "./foreign-graph.js";
import type { Rows } from "./order.js";

/** A graph that waits to be applied; plain data, because it is kept between steps. */
export interface ForeignCut {
  readonly graph: Omit<ForeignGraph, "slabs">;
  readonly slabs: readonly ForeignSlab[];
  readonly wishes: Wishes;
  /** By index: 1 where the client wants it. */
  readonly isDesired: Uint8Array;
  /** Indices of the tasks that something desired needs, in the order in which they run. */
  readonly order: Uint32Array;
  /** Place of each task in that order; `nowhere`: nothing needs it. */
  readonly placeOf: Uint32Array;
  /** Per place the last one that needs it; its own if none does. */
  readonly lastUse: Uint32Array;
  /** Needed tasks outside of the graph. */
  readonly externals: readonly TaskKey[];
}

/** Tasks of one part, by their places. */
export interface PlaceRange {
  readonly from: number;
  readonly to: number;
}

/** Keys and rows of one part; what lies in earlier parts is external to it. */
export interface PartColumns {
  readonly keys: TaskKey[];
  readonly externals: TaskKey[];
  readonly rows: Rows | null;
}

const nowhere = 0xffffffff;

/** @returns null if the graph cannot be cut: its order has a task before one that it needs */
export function orderOf(
  graph: ForeignGraph,
  isDesired: Uint8Array,
): Pick<ForeignCut, "order" | "placeOf" | "lastUse" | "externals"> | null {
  const { keys, rows, ranks } = graph;
  const n = keys.length;
  const all = ranks === null ? null : inverse(ranks, n);
  if (ranks !== null && all === null) return null;
  const at = (place: number): number => (all === null ? place : (all[place] as number));
  const isNeeded = new Uint8Array(n + graph.externals.length);
  let count = 0;
  for (let place = n - 1; place >= 0; place--) {
    const index = at(place);
    if (isNeeded[index] === 0 && isDesired[index] === 0) continue;
    isNeeded[index] = 1;
    count += 1;
    if (rows === null) continue;
    for (let e = rows.offsets[index] as number; e < (rows.offsets[index + 1] as number); e++) {
      const needed = rows.indices[e] as number;
      if (needed < n && (ranks === null ? needed : (ranks[needed] as number)) >= place) return null;
      isNeeded[needed] = 1;
    }
  }
  const order = new Uint32Array(count);
  const placeOf = new Uint32Array(n).fill(nowhere);
  let next = 0;
  for (let place = 0; place < n; place++) {
    const index = at(place);
    if (isNeeded[index] === 0) continue;
    placeOf[index] = next;
    order[next] = index;
    next += 1;
  }
  const externals = graph.externals.filter((_, i) => isNeeded[n + i] === 1);
  return { order, placeOf, externals, lastUse: lastUses(order, placeOf, rows) };
}

/** Which task stands where; null if two stand in one place. */
function inverse(ranks: Uint32Array, n: number): Uint32Array | null {
  const found = new Uint32Array(n).fill(nowhere);
  for (let index = 0; index < n; index++) {
    const rank = ranks[index] as number;
    if (rank >= n || found[rank] !== nowhere) return null;
    found[rank] = index;
  }
  return found;
}

function lastUses(order: Uint32Array, placeOf: Uint32Array, rows: Rows | null): Uint32Array {
  const last = new Uint32Array(order.length);
  for (let place = 0; place < last.length; place++) last[place] = place;
  if (rows === null) return last;
  for (let place = 0; place < order.length; place++) {
    const index = order[place] as number;
    for (let e = rows.offsets[index] as number; e < (rows.offsets[index + 1] as number); e++) {
      const needed = placeOf[rows.indices[e] as number];
      if (needed !== undefined) last[needed] = place;
    }
  }
  return last;
}

export function desiredOf({ order, isDesired }: ForeignCut, { from, to }: PlaceRange): number[] {
  const desired: number[] = [];
  for (let place = from; place < to; place++) {
    if (isDesired[order[place] as number] === 1) desired.push(place - from);
  }
  return desired;
}

/** Tasks of a part that a later one needs. */
export function heldOf({ lastUse }: ForeignCut, { from, to }: PlaceRange): number[] {
  const held: number[] = [];
  for (let place = from; place < to; place++) {
    if ((lastUse[place] as number) >= to) held.push(place - from);
  }
  return held;
}

export function columnsOf(cut: ForeignCut, { from, to }: PlaceRange): PartColumns {
  const { graph, order, placeOf } = cut;
  const n = graph.keys.length;
  const keys: TaskKey[] = [];
  for (let place = from; place < to; place++) {
    keys.push(graph.keys[order[place] as number] as TaskKey);
  }
  const { rows } = graph;
  if (rows === null) return { keys, externals: [], rows: null };
  const externals: TaskKey[] = [];
  const known = new Map<number, number>();
  const offsets = new Uint32Array(to - from + 1);
  const indices: number[] = [];
  const outside = (index: number): number => {
    let found = known.get(index);
    if (found === undefined) {
      const key = index < n ? graph.keys[index] : graph.externals[index - n];
      found = to - from + externals.push(key as TaskKey) - 1;
      known.set(index, found);
    }
    return found;
  };
  for (let place = from; place < to; place++) {
    const index = order[place] as number;
    for (let e = rows.offsets[index] as number; e < (rows.offsets[index + 1] as number); e++) {
      const needed = rows.indices[e] as number;
      const there = needed < n ? (placeOf[needed] as number) : nowhere;
      indices.push(there >= from && there < to ? there - from : outside(needed));
    }
    offsets[place - from + 1] = indices.length;
  }
  return { keys, externals, rows: { offsets, indices: Uint32Array.from(indices) } };
}
