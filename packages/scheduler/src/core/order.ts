// Static order of a graph: a task runs soon after what it needs, so that results are used and
// freed before new ones are made. Outputs are walked depth first, the heavier branch first (as for
// registers in a compiler). Same aim as dask.order; O(n log n), and nothing for a map.

/** Dependencies in rows: those of task i are `indices[offsets[i] … offsets[i + 1]]`. */
export interface Rows {
  offsets: Uint32Array;
  indices: Uint32Array;
}

/**
 * Positions of tasks in the order to run them.
 *
 * @param size - number of tasks
 * @param rows - indices of `size` and above lie outside the graph and are ignored; null: no edges
 * @returns rank per task, or null if the graph has a cycle; for a graph without edges, its order
 */
export function staticOrder(size: number, rows: Rows | null): Uint32Array | null {
  const rank = new Uint32Array(size);
  if (rows === null || !hasInnerEdge(size, rows)) {
    for (let i = 0; i < size; i++) rank[i] = i;
    return rank;
  }
  const inner = sortedInner(size, rows);
  return inner === null ? null : walk(size, inner, rank);
}

function hasInnerEdge(size: number, rows: Rows): boolean {
  for (const index of rows.indices) if (index < size) return true;
  return false;
}

interface Inner extends Rows {
  /** Tasks that no other needs, those first that stand on what was given first. */
  outputs: Uint32Array;
}

/** Inner edges with each row sorted by need, largest first; null if there is a cycle. */
function sortedInner(size: number, rows: Rows): Inner | null {
  const { offsets, indices } = rows;
  const dependents = new Uint32Array(size + 1);
  const missing = new Uint32Array(size);
  for (let i = 0; i < size; i++) {
    for (let at = offsets[i] as number; at < (offsets[i + 1] as number); at++) {
      const dependency = indices[at] as number;
      if (dependency >= size) continue;
      dependents[dependency + 1] = (dependents[dependency + 1] as number) + 1;
      missing[i] = (missing[i] as number) + 1;
    }
  }
  return sortRows(size, rows, dependents, missing);
}

function sortRows(
  size: number,
  { offsets, indices }: Rows,
  counts: Uint32Array,
  missing: Uint32Array,
): Inner | null {
  const back = transpose(size, { offsets, indices }, counts);
  const need = new Uint32Array(size);
  const earliest = new Uint32Array(size);
  const innerOffsets = new Uint32Array(size + 1);
  const order: number[] = [];
  for (let i = 0; i < size; i++) {
    if (missing[i] === 0) order.push(i);
    innerOffsets[i + 1] = (innerOffsets[i] as number) + (missing[i] as number);
  }
  const innerIndices = new Uint32Array(innerOffsets[size] as number);
  for (let next = 0; next < order.length; next++) {
    const task = order[next] as number;
    const start = innerOffsets[task] as number;
    let end = start;
    let first = task;
    for (let at = offsets[task] as number; at < (offsets[task + 1] as number); at++) {
      const dependency = indices[at] as number;
      if (dependency >= size) continue;
      innerIndices[end++] = dependency;
      if ((earliest[dependency] as number) < first) first = earliest[dependency] as number;
    }
    earliest[task] = first;
    need[task] = sortByNeed(innerIndices.subarray(start, end), need);
    for (let at = back.offsets[task] as number; at < (back.offsets[task + 1] as number); at++) {
      const dependent = back.indices[at] as number;
      missing[dependent] = (missing[dependent] as number) - 1;
      if (missing[dependent] === 0) order.push(dependent);
    }
  }
  if (order.length < size) return null;
  return {
    offsets: innerOffsets,
    indices: innerIndices,
    outputs: outputsByEarliest(size, counts, earliest),
  };
}

// What was given first is begun first, and once begun it is finished, though what follows from it
// was given last. Counted into place: comparing would cost more than all the rest.
function outputsByEarliest(size: number, counts: Uint32Array, earliest: Uint32Array): Uint32Array {
  const places = new Uint32Array(size + 1);
  for (let i = 0; i < size; i++) {
    if (counts[i + 1] !== 0) continue;
    const next = (earliest[i] as number) + 1;
    places[next] = (places[next] as number) + 1;
  }
  for (let i = 0; i < size; i++) {
    places[i + 1] = (places[i + 1] as number) + (places[i] as number);
  }
  const outputs = new Uint32Array(places[size] as number);
  for (let i = 0; i < size; i++) {
    if (counts[i + 1] !== 0) continue;
    const first = earliest[i] as number;
    const place = places[first] as number;
    outputs[place] = i;
    places[first] = place + 1;
  }
  return outputs;
}

/** How many values must be held at once to compute a task, if its row is taken in this order. */
function sortByNeed(row: Uint32Array, need: Uint32Array): number {
  if (row.length === 0) return 1;
  if (row.length > 1) row.sort((a, b) => (need[b] as number) - (need[a] as number) || a - b);
  let most = row.length;
  for (let i = 0; i < row.length; i++)
    most = Math.max(most, (need[row[i] as number] as number) + i);
  return most;
}

function transpose(size: number, rows: Rows, counts: Uint32Array): Rows {
  const offsets = new Uint32Array(size + 1);
  for (let i = 0; i < size; i++) {
    offsets[i + 1] = (offsets[i] as number) + (counts[i + 1] as number);
  }
  const indices = new Uint32Array(offsets[size] as number);
  const next = offsets.slice();
  for (let i = 0; i < size; i++) {
    for (let at = rows.offsets[i] as number; at < (rows.offsets[i + 1] as number); at++) {
      const dependency = rows.indices[at] as number;
      if (dependency >= size) continue;
      const place = next[dependency] as number;
      indices[place] = i;
      next[dependency] = place + 1;
    }
  }
  return { offsets, indices };
}

/** Depth first from the outputs; a task is numbered once all it needs is numbered. */
function walk(size: number, inner: Inner, rank: Uint32Array): Uint32Array {
  const { offsets, indices } = inner;
  const cursor = offsets.slice(0, size);
  const done = new Uint8Array(size);
  const stack: number[] = [];
  let next = 0;
  for (const output of inner.outputs) {
    stack.push(output);
    while (stack.length > 0) {
      const task = stack[stack.length - 1] as number;
      let at = cursor[task] as number;
      const end = offsets[task + 1] as number;
      while (at < end && done[indices[at] as number] === 1) at += 1;
      cursor[task] = at;
      if (at < end) {
        stack.push(indices[at] as number);
        continue;
      }
      stack.pop();
      if (done[task] === 1) continue;
      done[task] = 1;
      rank[task] = next++;
    }
  }
  return rank;
}
