// Large graphs go as several updates, so that the scheduler works on other things in between. A
// task that a later update needs must survive until that one is applied: it is held (desired for
// that long), and the caller releases it afterwards.
import { type NativeGraph, type TaskKey, taskKey } from "@acme/protocol";
import { clientLimits } from "../limits.js";
import { buildGraph } from "./build-graph.js";
import { type CallBatch, type PackedValue, packedBytes } from "./call-batch.js";

export interface GraphUpdates {
  /** In the order to send them; `desired` are the keys that count a desire each. */
  readonly updates: { readonly graph: NativeGraph; readonly desired: TaskKey[] }[];
  /** Desired by the updates only to survive until the last one: release them then. */
  readonly held: TaskKey[];
}

/** @param batches - every call after those it needs */
export function planUpdates(batches: readonly CallBatch[]): GraphUpdates {
  const parts = cut(batches);
  const heldOfPart = parts.length === 1 ? [new Set<TaskKey>()] : findHeld(parts);
  const updates = parts.map((part, i) => {
    const held = heldOfPart[i] as Set<TaskKey>;
    const desired = part.flatMap((batch) => (batch.desired ? batch.keys : []));
    return { graph: buildGraph(part, held), desired: [...desired, ...held] };
  });
  return { updates, held: heldOfPart.flatMap((held) => [...held]) };
}

function cut(batches: readonly CallBatch[]): CallBatch[][] {
  const parts: CallBatch[][] = [[]];
  let tasks = 0;
  let bytes = 0;
  for (const batch of batches) {
    let start = 0;
    for (let i = 0; i < batch.items.length; i++) {
      const size = packedBytes(batch.items[i] as PackedValue);
      const full =
        tasks >= clientLimits.graphUpdateTasks || bytes + size > clientLimits.graphUpdateBytes;
      if (full && tasks > 0) {
        parts.at(-1)?.push(...slice(batch, start, i));
        parts.push([]);
        start = i;
        tasks = 0;
        bytes = 0;
      }
      tasks += 1;
      bytes += size;
    }
    parts.at(-1)?.push(...slice(batch, start, batch.items.length));
  }
  return parts;
}

function slice(batch: CallBatch, start: number, end: number): CallBatch[] {
  if (start === end) return [];
  if (start === 0 && end === batch.items.length) return [batch];
  const keys = batch.keys.slice(start, end);
  return [{ ...batch, keys, items: batch.items.slice(start, end) }];
}

function findHeld(parts: readonly CallBatch[][]): Set<TaskKey>[] {
  const needed = new Set<TaskKey>();
  const heldOfPart: Set<TaskKey>[] = [];
  for (let p = parts.length - 1; p >= 0; p--) {
    const held = new Set<TaskKey>();
    for (const batch of parts[p] as CallBatch[]) {
      if (batch.desired) continue;
      for (const key of batch.keys) if (needed.has(key)) held.add(key);
    }
    heldOfPart[p] = held;
    for (const { template, items } of parts[p] as CallBatch[]) {
      for (const value of [template, ...items]) {
        for (const ref of value.refs) needed.add(taskKey(ref));
      }
    }
  }
  return heldOfPart;
}
