// A set of tasks as the columnar graph that our clients send. Stands for the client's packer,
// which needs real functions. Must not know how the tasks came about.
import {
  type ConstraintSpec,
  type NativeGraph,
  Serialized,
  type TaskKey,
  type TaskTemplate,
  wireKey,
} from "@acme/protocol";
import type { Task } from "./catalogue.js";
import { packNumbers } from "./payload.js";

/** Bytes of an item: the number of its task. */
const itemBytes = 4;

/**
 * @param tasks - in any order; dependencies among them become inner ones
 * @param desired - the keys that the client wants
 */
export function packGraph(
  tasks: readonly Task[],
  desired: ReadonlySet<TaskKey>,
  slabTasks: number,
): NativeGraph {
  const place = new Map(tasks.map((task, index) => [task.key, index]));
  const external: TaskKey[] = [];
  const templates = unique(tasks.map((task) => task.template));
  const constraints = constraintTable(tasks);
  const wanted = tasks.flatMap((task, index) => (desired.has(task.key) ? [index] : []));
  const templateOf = tasks.map((task) => templates.indexOf(task.template));
  return {
    templates: templates.map(packTemplate),
    keys: tasks.map((task) => wireKey(task.key)),
    template_of: templates.length === 1 ? 0 : templateOf,
    slab_tasks: slabTasks,
    items: packItems(tasks, slabTasks),
    buffers: null,
    buffer_of: new Map(),
    dependencies: packDependencies(tasks, place, external),
    external: external.map((key) => wireKey(key)),
    desired: wanted.length === tasks.length ? "all" : wanted,
    constraints: constraints.specs,
    constraint_of: constraints.of,
    retries: sparse(tasks.map((task) => task.retries)),
    user_priority: sparse(tasks.map((task) => task.priority)),
  };
}

const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];

const packTemplate = (id: string): TaskTemplate => ({
  id,
  name: id.split("@")[0] as string,
  body: Serialized.acme([new TextEncoder().encode(id)]),
  dependencies: [],
});

function packItems(tasks: readonly Task[], slabTasks: number): Serialized {
  const frames: Uint8Array[] = [];
  for (let start = 0; start < tasks.length; start += slabTasks) {
    const slab = tasks.slice(start, start + slabTasks);
    frames.push(packNumbers(...Array.from({ length: slab.length + 1 }, (_, i) => i * itemBytes)));
    frames.push(packNumbers(...slab.map((task) => task.number)));
  }
  return Serialized.acme(frames);
}

function packDependencies(
  tasks: readonly Task[],
  place: ReadonlyMap<TaskKey, number>,
  external: TaskKey[],
): Serialized | null {
  const offsets = [0];
  const indices: number[] = [];
  const outer = new Map<TaskKey, number>();
  for (const task of tasks) {
    for (const key of task.dependencies) {
      const inner = place.get(key);
      if (inner === undefined && !outer.has(key)) outer.set(key, external.push(key) - 1);
      indices.push(inner ?? tasks.length + (outer.get(key) as number));
    }
    offsets.push(indices.length);
  }
  if (indices.length === 0) return null;
  return Serialized.acme([packNumbers(...offsets), packNumbers(...indices)]);
}

function constraintTable(tasks: readonly Task[]): {
  specs: ConstraintSpec[];
  of: number | number[];
} {
  const specs = unique(tasks.flatMap((task) => task.constraint ?? []));
  if (specs.length === 0) return { specs, of: -1 };
  return {
    specs,
    of: tasks.map((task) => (task.constraint === null ? -1 : specs.indexOf(task.constraint))),
  };
}

function sparse(numbers: readonly number[]): number | Map<number, number> {
  if (numbers.every((each) => each === numbers[0])) return numbers[0] ?? 0;
  return new Map(numbers.flatMap((each, index) => (each === 0 ? [] : [[index, each] as const])));
}
