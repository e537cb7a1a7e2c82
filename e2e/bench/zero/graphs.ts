// The graphs that a scheduler is measured with, in slices as a client sends them: a map, a binary
// tree, and a shuffle. Only shapes: the function is never run.
import { type NativeGraph, Serialized } from "@acme/protocol";

/** As many tasks as our client puts into one update. */
const sliceTasks = 25_000;
const itemBytes = 4;

export interface Workload {
  readonly name: string;
  readonly tasks: number;
  /** Keys whose completion ends the run; they are released afterwards. */
  readonly wanted: number;
  slices(): Iterable<NativeGraph>;
  /** The wanted keys, a list per slice. */
  wantedKeys(): Iterable<string[]>;
}

/** Keys as long as those of real maps. */
const keyOf = (run: string, kind: string, i: number): string =>
  `${kind}-0123456789abcdef0123456789ab${run}-${i}`;

export function map(tasks: number, run: string): Workload {
  const keysFrom = (start: number): string[] =>
    Array.from({ length: Math.min(sliceTasks, tasks - start) }, (_, i) =>
      keyOf(run, "inc", start + i),
    );
  function* wantedKeys(): Iterable<string[]> {
    for (let start = 0; start < tasks; start += sliceTasks) yield keysFrom(start);
  }
  function* slices(): Iterable<NativeGraph> {
    for (const keys of wantedKeys()) yield graphOf(keys, null, "all");
  }
  return { name: `map ${tasks}`, tasks, wanted: tasks, slices, wantedKeys };
}

/** Sums of pairs until one is left, which is wanted. */
export function tree(leaves: number, run: string): Workload {
  const keys: string[] = [];
  const rows: number[][] = [];
  const add = (row: number[]): number => {
    keys.push(keyOf(run, row.length === 0 ? "leaf" : "sum", keys.length));
    return rows.push(row) - 1;
  };
  let level = Array.from({ length: leaves }, () => add([]));
  while (level.length > 1) {
    const next: number[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) {
      next.push(add([level[i] as number, level[i + 1] as number]));
    }
    if (level.length % 2 === 1) next.push(level[level.length - 1] as number);
    level = next;
  }
  const root = level[0] as number;
  return whole(`tree of ${leaves} leaves`, { keys, rows, desired: [root] });
}

/** Sources, each cut into as many parts as there are sinks, which take one part of every source. */
export function shuffle(size: number, run: string): Workload {
  const keys: string[] = [];
  const rows: number[][] = [];
  const add = (kind: string, row: number[]): number => {
    keys.push(keyOf(run, kind, keys.length));
    return rows.push(row) - 1;
  };
  const numbers = Array.from({ length: size }, (_, i) => i);
  const sources = numbers.map(() => add("source", []));
  const cuts = sources.map((source) => numbers.map(() => add("cut", [source])));
  const desired = numbers.map((i) =>
    add(
      "sink",
      cuts.map((row) => row[i] as number),
    ),
  );
  return whole(`shuffle ${size} x ${size}`, { keys, rows, desired });
}

interface Shape {
  keys: string[];
  rows: number[][];
  desired: number[];
}

function whole(name: string, { keys, rows, desired }: Shape): Workload {
  const wantedKeys = () => [desired.map((index) => keys[index] as string)];
  const slices = () => [graphOf(keys, rows, desired)];
  return { name, tasks: keys.length, wanted: desired.length, slices, wantedKeys };
}

function graphOf(keys: string[], rows: number[][] | null, desired: "all" | number[]): NativeGraph {
  const n = keys.length;
  const offsets = Uint32Array.from({ length: n + 1 }, (_, i) => i * itemBytes);
  const items = [new Uint8Array(offsets.buffer), new Uint8Array(n * itemBytes)];
  const body = Serialized.acme([new Uint8Array(100)]);
  return {
    templates: [{ id: "0123456789abcdef", name: "inc", body, dependencies: [] }],
    keys,
    external: [],
    template_of: 0,
    slab_tasks: n,
    items: Serialized.acme(items),
    buffers: null,
    buffer_of: new Map(),
    dependencies: rows === null ? null : Serialized.acme(csr(rows)),
    desired,
    constraints: [],
    constraint_of: -1,
    retries: 0,
    user_priority: 0,
  };
}

function csr(rows: readonly number[][]): Uint8Array[] {
  const offsets = new Uint32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    offsets[i + 1] = (offsets[i] as number) + (rows[i] as number[]).length;
  }
  const indices = Uint32Array.from(rows.flat());
  return [new Uint8Array(offsets.buffer), new Uint8Array(indices.buffer)];
}
