// A graph of a Python client after Python has unfolded it: columns for all tasks, and slabs of run
// specs that nobody here can read. What the annotations of a task ask for is found out here.
// Corresponds to dask's _apply_annotations; who unfolds, and how, is the shell's.
import {
  type ConstraintSpec,
  Pickled,
  patchedBytes,
  type TaskKey,
  taskKey,
  type WireKey,
} from "@acme/protocol";
import type { UpdateGraph } from "./client-state.js";
import {
  columnsOf,
  desiredOf,
  type ForeignCut,
  heldOf,
  orderOf,
  type PlaceRange,
} from "./foreign-parts.js";
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
  /** Which of them are patches of which, as `PatchedBytes` has it; null: all are whole. */
  readonly references: Uint32Array | null;
  /** Large buffers of the few tasks that have some. */
  readonly buffers: ReadonlyMap<number, readonly Uint8Array[]> | null;
}

/** Run specs as tasks keep them: lives as long as one of its tasks. */
export class ForeignSlab {
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  readonly references: Uint32Array | null;
  readonly buffers: ReadonlyMap<number, readonly Uint8Array[]> | null;

  constructor({ offsets, bytes, references, buffers }: SpecSlab) {
    this.offsets = offsets;
    this.bytes = bytes;
    this.references = references;
    this.buffers = buffers;
  }

  /** The payload of one task; nothing of it is copied, unless it is kept as a patch. */
  payload(item: number): Pickled {
    const { offsets, bytes, references } = this;
    const header =
      references === null
        ? bytes.subarray(offsets[item], offsets[item + 1])
        : patchedBytes({ offsets, bytes, references }, item);
    return new Pickled(header, this.buffers?.get(item) ?? []);
  }
}

/** What the message said beside the graph. */
export interface Wishes {
  readonly actors?: UpdateGraph["actors"] | undefined;
  readonly submitting_task?: UpdateGraph["submitting_task"] | undefined;
  readonly user_priority?: UpdateGraph["user_priority"] | undefined;
}

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
export function planForeign(graph: ForeignGraph, isDesired: Uint8Array, wishes: Wishes): GraphPlan {
  const { keys, externals, rows, ranks } = graph;
  return {
    keys,
    externals,
    rows,
    desired: flagged(isDesired),
    ranks: ranks ?? keys.map((_, index) => index),
    ...submittedBy(wishes),
    ...particulars({ graph, slabs: slabsOf(graph), wishes, isDesired }),
  };
}

/** A large graph, to be applied part by part; null: it cannot be cut. */
export function cutForeign(
  graph: ForeignGraph,
  isDesired: Uint8Array,
  { actors, submitting_task, user_priority }: Wishes,
): ForeignCut | null {
  const cut = orderOf(graph, isDesired);
  if (cut === null) return null;
  const wishes = { actors, submitting_task, user_priority };
  const { slabs: _, ...columns } = graph;
  return { graph: columns, slabs: slabsOf(graph), wishes, isDesired, ...cut };
}

/** The plan of one part. */
export function planForeignPart(cut: ForeignCut, range: PlaceRange): GraphPlan {
  const columns = columnsOf(cut, range);
  const { constraintOf, fill } = particulars(cut);
  const indexAt = (place: number) => cut.order[range.from + place] as number;
  return {
    ...columns,
    desired: desiredOf(cut, range),
    held: heldOf(cut, range),
    isNeeded: true,
    share: { before: range.from, of: cut.order.length },
    ranks: columns.keys.map((_, place) => place),
    ...submittedBy(cut.wishes),
    constraintOf: (place) => constraintOf(indexAt(place)),
    fill: (task, place) => fill(task, indexAt(place)),
  };
}

function flagged(flags: Uint8Array): number[] {
  const found: number[] = [];
  for (const [index, one] of flags.entries()) if (one === 1) found.push(index);
  return found;
}

const slabsOf = ({ slabs }: ForeignGraph): ForeignSlab[] =>
  slabs.map((slab) => new ForeignSlab(slab));

const submittedBy = ({ submitting_task: key }: Wishes): Pick<GraphPlan, "submittedBy"> =>
  key == null ? {} : { submittedBy: taskKey(key) };

/** What differs from task to task, by the places that they have in the graph. */
function particulars({
  graph,
  slabs,
  wishes,
  isDesired,
}: Pick<ForeignCut, "graph" | "slabs" | "wishes" | "isDesired">): Pick<
  GraphPlan,
  "constraintOf" | "fill"
> {
  const { annotations: sets, annotationOf, producers, javascript } = graph;
  const demands: Demands[] = [];
  const demandOf = (index: number): Demands => {
    const set = annotationOf === null ? -1 : (annotationOf[index] as number);
    const annotations = sets[set];
    if (annotations === undefined) return none;
    demands[set] ??= demandsOf(annotations);
    return demands[set];
  };
  const place = placesIn(slabs);
  const { actors } = wishes;
  const named = Array.isArray(actors) ? new Set(actors.map(taskKey)) : null;
  return {
    constraintOf(index) {
      const { constraint, inJs } = demandOf(index);
      return javascript?.[index] === 1 ? inJs : constraint;
    },
    fill(task, index) {
      const { retries, userPriority, annotations } = demandOf(index);
      place(task, index);
      task.retries = retries;
      task.userPriority = userPriority ?? priorityOf(wishes.user_priority ?? 0, task);
      const isActor = actors === true ? isDesired[index] === 1 : named?.has(task.key);
      if (isActor) task.flags |= flag.actor;
      if (producers?.[index] === 1) task.flags |= flag.dataProducer;
      if (annotations !== null) rareOf(task).annotations = annotations;
    },
  };
}

/** Gives tasks their run specs. */
function placesIn(slabs: readonly ForeignSlab[]): (task: Task, index: number) => void {
  const starts: number[] = [];
  let count = 0;
  for (const { offsets } of slabs) {
    starts.push(count);
    count += offsets.length - 1;
  }
  return (task, index) => {
    let at = 0;
    let above = starts.length;
    while (above - at > 1) {
      const middle = (at + above) >> 1;
      if (index < (starts[middle] as number)) above = middle;
      else at = middle;
    }
    task.spec = slabs[at] as ForeignSlab;
    task.item = index - (starts[at] as number);
  };
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
