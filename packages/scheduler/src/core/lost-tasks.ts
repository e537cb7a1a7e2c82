// Which tasks of a new graph can never run, because something outside of it that they need, directly
// or not, is known to nobody. Linear in the edges, whatever order the tasks come in.
import type { TaskKey } from "@acme/protocol";
import type { Rows } from "./order.js";

interface Plan {
  readonly keys: readonly TaskKey[];
  readonly externals: readonly TaskKey[];
  readonly rows: Rows | null;
}

/**
 * @param isKnown - whether there is a task of this key already; such a task keeps what it needs
 * @returns 1 for each task that is lost, or null if none is
 */
export function lostTasks(plan: Plan, isKnown: (key: TaskKey) => boolean): Uint8Array | null {
  const { keys, externals, rows } = plan;
  if (rows === null) return null;
  const n = keys.length;
  const missing: number[] = [];
  externals.forEach((key, i) => {
    if (!isKnown(key)) missing.push(n + i);
  });
  if (missing.length === 0) return null;
  const back = dependentsOf(n, externals.length, rows);
  const lost = new Uint8Array(n);
  for (let index = missing.pop(); index !== undefined; index = missing.pop()) {
    for (let at = back.offsets[index] as number; at < (back.offsets[index + 1] as number); at++) {
      const task = back.indices[at] as number;
      if (lost[task] === 1 || isKnown(keys[task] as TaskKey)) continue;
      lost[task] = 1;
      missing.push(task);
    }
  }
  return lost;
}

/** For each key and external, the tasks that need it. */
function dependentsOf(n: number, externals: number, rows: Rows): Rows {
  const offsets = new Uint32Array(n + externals + 1);
  for (const index of rows.indices) offsets[index + 1] = (offsets[index + 1] as number) + 1;
  for (let i = 0; i < n + externals; i++) {
    offsets[i + 1] = (offsets[i + 1] as number) + (offsets[i] as number);
  }
  const indices = new Uint32Array(rows.indices.length);
  const next = offsets.slice();
  for (let i = 0; i < n; i++) {
    for (let at = rows.offsets[i] as number; at < (rows.offsets[i + 1] as number); at++) {
      const index = rows.indices[at] as number;
      const place = next[index] as number;
      indices[place] = i;
      next[index] = place + 1;
    }
  }
  return { offsets, indices };
}
