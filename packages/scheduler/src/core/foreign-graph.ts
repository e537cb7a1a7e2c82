// A graph of a Python client after Python has unfolded it: columns for all tasks, and slabs of run
// specs that nobody here can read. What the annotations of a task ask for is found out here.
// Corresponds to dask's _apply_annotations; who unfolds, and how, is the shell's.
import { type ConstraintSpec, Pickled, type TaskKey, taskKey, type WireKey } from "@acme/protocol";
import type { UpdateGraph } from "./client-state.js";
import type { GraphPlan } from "./graph-plan.js";
import type { Rows } from "./order.js";
import { flag, rareOf, type Task } from "./task.js";

/** All tasks of an unfolded graph, column by column. */
export interface ForeignGraph {
  readonly keys: TaskKey[];
  /** Keys outside of the graph that it depends on. */
  readonly externals: TaskKey[];
  /** Indices below `keys.length` are keys, the others externals. */
  readonly rows: Rows | null;
  /** Place of each task when they run one by one; null: as they stand. */
  readonly ranks: Uint32Array | null;
  /** 1 where a task makes data out of nothing: always queued. */
  readonly producers: Uint8Array | null;
  /** 1 where a task calls functions of JavaScript; null: none does. */
  readonly javascript: Uint8Array | null;
  /** Every set of annotations once. */
  readonly annotations: readonly Annotations[];
  /** Which set a task has, −1: none; null: no task has any. */
  readonly annotationOf: Int32Array | null;
  /** Run specs in order of the keys. */
  readonly slabs: readonly SpecSlab[];
}

type Annotations = ReadonlyMap<string, unknown>;

/** Run specs of some tasks, each one the header of a `Pickled` payload, ready to be sent. */
interface SpecSlab {
  /** One more than there are tasks. */
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  /** Large buffers of the few tasks that have some. */
  readonly buffers: ReadonlyMap<number, readonly Uint8Array[]> | null;
}

/** Run specs as tasks keep them: lives as long as one of its tasks. */
export class ForeignSlab {
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  readonly buffers: ReadonlyMap<number, readonly Uint8Array[]> | null;

  constructor({ offsets, bytes, buffers }: SpecSlab) {
    this.offsets = offsets;
    this.bytes = bytes;
    this.buffers = buffers;
  }

  /** The payload of one task; nothing of it is copied. */
  payload(item: number): Pickled {
    const start = this.offsets[item] as number;
    const header = this.bytes.subarray(start, this.offsets[item + 1]);
    return new Pickled(header, this.buffers?.get(item) ?? []);
  }
}

/** What the message said beside the graph. */
export type Wishes = Pick<UpdateGraph, "actors" | "submitting_task" | "user_priority">;

/** What a task asks for. */
interface Demands {
  readonly constraint: ConstraintSpec;
  /** The same for a task that calls JavaScript. */
  readonly inJs: ConstraintSpec;
  readonly retries: number;
  readonly userPriority: number | undefined;
  /** As the worker is to see them. */
  readonly annotations: Annotations | null;
}

const none: Demands = {
  constraint: { lang: "py" },
  inJs: { lang: "js" },
  retries: 0,
  userPriority: undefined,
  annotations: null,
};

/** The plan of a graph that Python has unfolded. */
export function planForeign(
  graph: ForeignGraph,
  desired: readonly TaskKey[],
  { actors, submitting_task, user_priority: given = 0 }: Wishes,
): GraphPlan {
  const { keys, externals, rows, ranks, annotationOf, producers, javascript } = graph;
  const indexOf = new Map(keys.map((key, index) => [key, index]));
  const demands = graph.annotations.map(demandsOf);
  const slabs = graph.slabs.map((slab) => new ForeignSlab(slab));
  const place = placesIn(slabs);
  const isActor = actorsIn(actors, desired);
  const demandOf = (index: number): Demands =>
    annotationOf === null ? none : (demands[annotationOf[index] as number] ?? none);
  return {
    keys,
    externals,
    rows,
    desired: desired.flatMap((key) => indexOf.get(key) ?? []),
    ranks: ranks ?? keys.map((_, index) => index),
    submittedBy: submitting_task === undefined ? undefined : taskKey(submitting_task),
    constraintOf(index) {
      const { constraint, inJs } = demandOf(index);
      return javascript?.[index] === 1 ? inJs : constraint;
    },
    fill(task, index) {
      const { retries, userPriority, annotations } = demandOf(index);
      place(task, index);
      task.retries = retries;
      task.userPriority = userPriority ?? priorityOf(given, task);
      if (isActor?.has(task.key)) task.flags |= flag.actor;
      if (producers?.[index] === 1) task.flags |= flag.dataProducer;
      if (annotations !== null) rareOf(task).annotations = annotations;
    },
  };
}

/** Gives tasks their run specs; they are asked for in about the order of the keys. */
function placesIn(slabs: readonly ForeignSlab[]): (task: Task, index: number) => void {
  const starts: number[] = [];
  let count = 0;
  for (const { offsets } of slabs) {
    starts.push(count);
    count += offsets.length - 1;
  }
  let at = 0;
  return (task, index) => {
    while (at > 0 && index < (starts[at] as number)) at -= 1;
    while (at + 1 < starts.length && index >= (starts[at + 1] as number)) at += 1;
    task.spec = slabs[at] as ForeignSlab;
    task.item = index - (starts[at] as number);
  };
}

function actorsIn(
  actors: Wishes["actors"],
  desired: readonly TaskKey[],
): ReadonlySet<TaskKey> | null {
  if (actors === true) return new Set(desired);
  return Array.isArray(actors) ? new Set(actors.map(taskKey)) : null;
}

function priorityOf(given: number | ReadonlyMap<WireKey, number>, task: Task): number {
  return typeof given === "number" ? given : (given.get(task.wire) ?? 0);
}

/** dask's words for what a task asks for; what it does not know goes to the worker as it is. */
function demandsOf(annotations: Annotations): Demands {
  const workers = annotations.get("workers") ?? annotations.get("restrictions");
  const loose = annotations.get("allow_other_workers") ?? annotations.get("loose_restrictions");
  const { lang = "py", resources } = withoutLanguage(annotations.get("resources"));
  const retries = annotations.get("retries");
  const priority = annotations.get("priority");
  const beyond: ConstraintSpec = {
    ...(workers == null ? {} : { workers: namesIn(workers) }),
    ...(loose === true ? { allow_other_workers: true } : {}),
    ...(resources.size > 0 ? { resources } : {}),
  };
  return {
    constraint: { lang, ...beyond },
    inJs: { lang: "js", ...beyond },
    retries: typeof retries === "number" ? retries : 0,
    userPriority: typeof priority === "number" ? priority : undefined,
    annotations,
  };
}

/** What programs name a language by where the scheduler, dask's own, knows none. */
const languages = new Map([
  ["LANG-js", "js"],
  ["LANG-py", "py"],
]);

/** One thread of a language is what every task of it gets, here without asking. */
function withoutLanguage(asked: unknown): { lang?: string; resources: Map<string, number> } {
  const resources = new Map<string, number>(asked instanceof Map ? asked : []);
  let lang: string | undefined;
  for (const [name, language] of languages) {
    if (!resources.has(name)) continue;
    lang = language;
    if (resources.get(name) === 1) resources.delete(name);
  }
  return lang === undefined ? { resources } : { lang, resources };
}

const namesIn = (workers: unknown): string[] =>
  (Array.isArray(workers) ? workers : [workers]).map(String);
