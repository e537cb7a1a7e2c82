// Graphs as our own clients send them: columns that fit together. What a mutation makes of them
// is for others.
import { Serialized, type WireKey } from "@acme/protocol";
import type { Making } from "./vocabulary.js";

const mostTasks = 12;

/** A sound graph over the shared keys; one in twelve has a cycle or the like. */
export function validGraph(making: Making): Record<string, unknown> {
  const { random } = making;
  const keys = distinct(making, random.below(mostTasks + 1));
  const n = keys.length;
  const external = random.chance(0.4) ? [making.names.key(making)] : [];
  const templates = Array.from({ length: random.whole(1, 3) }, () => ({
    id: making.names.template(making),
    name: "f",
    body: Serialized.acme([Uint8Array.of(1)]),
    dependencies: [],
  }));
  const perSlab = random.whole(1, 5);
  const spec = { lang: "js", slots: 1, ...(random.chance(0.2) ? { workers: ["nobody"] } : {}) };
  return {
    templates,
    keys,
    external,
    template_of: random.chance(0.5) ? 0 : keys.map(() => random.below(templates.length)),
    slab_tasks: perSlab,
    items: Serialized.acme(slabs(n, perSlab)),
    buffers: null,
    buffer_of: new Map(),
    dependencies: random.chance(0.5) ? null : Serialized.acme(rows(making, n, external.length)),
    desired: random.chance(0.6) ? "all" : keys.map((_, i) => i).filter(() => random.chance(0.5)),
    constraints: [spec],
    constraint_of: random.chance(0.7) ? -1 : 0,
    retries: random.below(3),
    user_priority: random.chance(0.7) ? 0 : random.whole(-2, 2),
  };
}

function distinct(making: Making, count: number): WireKey[] {
  const keys = new Map<string, WireKey>();
  for (let i = 0; i < count; i++) {
    const key = making.names.key(making);
    keys.set(typeof key === "string" ? key : JSON.stringify(key, plainly), key);
  }
  return [...keys.values()];
}

const plainly = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? `${value}n` : value;

function slabs(n: number, perSlab: number): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let first = 0; first < n; first += perSlab) {
    const tasks = Math.min(perSlab, n - first);
    frames.push(
      words(Array.from({ length: tasks + 1 }, (_, i) => 2 * i)),
      new Uint8Array(2 * tasks).fill(0x90),
    );
  }
  return frames;
}

/** Tasks need earlier ones, as a rule. */
function rows({ random }: Making, n: number, externals: number): Uint8Array[] {
  const offsets = [0];
  const indices: number[] = [];
  const anyhow = random.chance(1 / 12);
  for (let i = 0; i < n; i++) {
    for (let left = random.below(3); left > 0; left--) {
      const below = anyhow ? n + externals : i;
      if (externals > 0 && random.chance(0.1)) indices.push(n);
      else if (below > 0) indices.push(random.below(below));
    }
    offsets.push(indices.length);
  }
  return [words(offsets), words(indices)];
}

function words(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => void view.setUint32(4 * i, value >>> 0, true));
  return bytes;
}
