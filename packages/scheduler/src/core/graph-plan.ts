// A graph update in one form, whoever made it, ready to be applied. Transient: nothing of a plan
// is kept. Native graphs are checked here before anything is changed.
import { type NativeGraph, Serialized, type TaskKey, taskKey } from "@acme/protocol";
import type { Rows } from "./order.js";
import type { SchedulerState } from "./state.js";
import type { Task } from "./task.js";
import { Slab, Template } from "./template.js";

type Spec = NativeGraph["constraints"][number];

export interface GraphPlan {
  keys: TaskKey[];
  externals: TaskKey[];
  /** Indices below `keys.length` are keys, the others externals. */
  rows: Rows | null;
  desired: Iterable<number>;
  /** Tasks to hold for later parts of the same graph. */
  held?: readonly number[];
  /** Every task is needed by something desired: what is held may begin. */
  isNeeded?: boolean;
  /** Tasks of the same graph, and how many of them are in earlier parts. */
  share?: { readonly before: number; readonly of: number };
  constraintOf(index: number): Spec;
  /** Static order given by the client, if it gave one. */
  ranks: ArrayLike<number> | null;
  /** The running task that submitted it. */
  submittedBy?: TaskKey | undefined;
  /** Fills in what is particular to one new task. */
  fill(task: Task, index: number): void;
}

/** A graph that cannot be applied; the message goes to the client. */
export class BadGraph extends Error {}

const nativeLang: Spec = { lang: "js" };

export function planNative(state: SchedulerState, graph: NativeGraph): GraphPlan {
  const keys = graph.keys.map((key) => taskKey(key));
  const externals = graph.external.map((key) => taskKey(key));
  const templates = graph.templates.map((one) => internTemplate(state, one));
  const slabs = makeSlabs(graph, templates);
  const rows = dependencyRows(graph, keys.length + externals.length);
  const specs = graph.constraints.map((spec) => ({ ...nativeLang, ...spec }));
  const { constraint_of: constraintOf, retries, user_priority: priority } = graph;
  check(
    typeof constraintOf === "number" || constraintOf.length === keys.length,
    "constraint_of has another length than keys",
  );
  return {
    keys,
    externals,
    rows,
    desired: graph.desired === "all" ? keys.keys() : graph.desired,
    ranks: null,
    constraintOf(index) {
      const at = typeof constraintOf === "number" ? constraintOf : (constraintOf[index] as number);
      return at < 0 ? nativeLang : (specs[at] ?? nativeLang);
    },
    fill(task, index) {
      const slab = slabs[Math.floor(index / graph.slab_tasks)] as Slab;
      task.spec = slab;
      task.item = index % graph.slab_tasks;
      slab.live += 1;
      if (slab.live === 1) keepTemplates(state, slab);
      task.retries = typeof retries === "number" ? retries : (retries.get(index) ?? 0);
      task.userPriority = typeof priority === "number" ? priority : (priority.get(index) ?? 0);
    },
  };
}

function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new BadGraph(message);
}

function internTemplate(
  state: SchedulerState,
  one: NativeGraph["templates"][number],
): { template: Template; dependencies: readonly number[] } {
  const known = state.templates.get(one.id);
  if (known !== undefined) return { template: known, dependencies: one.dependencies };
  check(
    one.body !== null,
    `nobody holds the template ${one.name} any more: it is to be sent again`,
  );
  const template = new Template(one.id, one.name, one.body);
  check(!template.isPickle || one.body.frames.length >= 2, "a template for Python lacks parts");
  return { template, dependencies: one.dependencies };
}

/** A slab came to life: its templates are known from now on. */
function keepTemplates(state: SchedulerState, slab: Slab): void {
  const templates = slab.templates instanceof Template ? [slab.templates] : slab.templates;
  for (const template of new Set(templates)) {
    template.slabs += 1;
    state.templates.set(template.id, template);
  }
}

function makeSlabs(graph: NativeGraph, templates: { template: Template }[]): Slab[] {
  const n = graph.keys.length;
  const per = graph.slab_tasks;
  check(per > 0, "slab_tasks must be positive");
  const { frames } = graph.items;
  const count = Math.ceil(n / per);
  check(frames.length === 2 * count, `items has ${frames.length} frames, expected ${2 * count}`);
  const { template_of: of } = graph;
  check(typeof of === "number" || of.length === n, "template_of has another length than keys");
  const pick = (index: number): Template => {
    const found = templates[index];
    check(found !== undefined, `there is no template ${index}`);
    return found.template;
  };
  const slabs: Slab[] = [];
  for (let i = 0; i < count; i++) {
    const tasks = Math.min(per, n - i * per);
    const offsets = words(frames[2 * i] as Uint8Array);
    const bytes = owned(frames[2 * i + 1] as Uint8Array);
    checkOffsets(offsets, tasks + 1, bytes.byteLength);
    const own = typeof of === "number" ? pick(of) : of.slice(i * per, i * per + tasks).map(pick);
    slabs.push(new Slab({ offsets, bytes, templates: own, buffers: buffersOf(graph, i) }));
  }
  return slabs;
}

function buffersOf(graph: NativeGraph, slab: number): Map<number, Serialized> | null {
  if (graph.buffers === null || graph.buffer_of.size === 0) return null;
  const found = new Map<number, Serialized>();
  const first = slab * graph.slab_tasks;
  for (const [index, wanted] of graph.buffer_of) {
    if (index < first || index >= first + graph.slab_tasks) continue;
    const frames = wanted.map((at) => {
      const frame = graph.buffers?.frames[at];
      check(frame !== undefined, `there is no buffer ${at}`);
      return frame;
    });
    found.set(index - first, new Serialized(graph.buffers.header, frames));
  }
  return found;
}

/** Increasing offsets that stay within the bytes they point to. */
function checkOffsets(offsets: Uint32Array, length: number, end: number): void {
  check(offsets.length === length, `expected ${length} offsets, got ${offsets.length}`);
  for (let i = 1; i < length; i++) {
    check((offsets[i] as number) >= (offsets[i - 1] as number), "offsets go back");
  }
  check((offsets[length - 1] as number) <= end, "offsets point behind the data");
}

/** A view of little-endian words, copied if it does not lie on a word. */
function words(frame: Uint8Array): Uint32Array {
  check(frame.byteLength % 4 === 0, "offsets are not whole words");
  const bytes = frame.byteOffset % 4 === 0 ? owned(frame) : frame.slice();
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** Bytes that keep nothing else alive: never a view into a receive buffer. */
function owned(frame: Uint8Array): Uint8Array {
  return frame.byteLength === frame.buffer.byteLength ? frame : frame.slice();
}

function dependencyRows(graph: NativeGraph, limit: number): Rows | null {
  const own = graph.dependencies === null ? null : ownRows(graph, limit);
  const shared = graph.templates.some((one) => one.dependencies.length > 0);
  if (!shared) return own;
  for (const one of graph.templates) {
    for (const index of one.dependencies) check(index < limit, "a template needs an unknown key");
  }
  return withShared(graph, own);
}

function ownRows(graph: NativeGraph, limit: number): Rows {
  const frames = graph.dependencies?.frames ?? [];
  check(frames.length === 2, "dependencies must have two frames");
  const offsets = words(frames[0] as Uint8Array);
  const indices = words(frames[1] as Uint8Array);
  checkOffsets(offsets, graph.keys.length + 1, indices.length);
  for (const index of indices) check(index < limit, "a task needs an unknown key");
  return { offsets, indices };
}

/** Rows with the dependencies of each task's template added. */
function withShared(graph: NativeGraph, own: Rows | null): Rows {
  const n = graph.keys.length;
  const offsets = new Uint32Array(n + 1);
  const indices: number[] = [];
  for (let i = 0; i < n; i++) {
    if (own !== null) {
      for (let at = own.offsets[i] as number; at < (own.offsets[i + 1] as number); at++) {
        indices.push(own.indices[at] as number);
      }
    }
    const of = typeof graph.template_of === "number" ? graph.template_of : graph.template_of[i];
    for (const index of graph.templates[of as number]?.dependencies ?? []) indices.push(index);
    offsets[i + 1] = indices.length;
  }
  return { offsets, indices: Uint32Array.from(indices) };
}
