// A graph of ours as a scheduler of dask's own takes it: an expression of ready run specs, and
// annotations that all its tasks share, so that tasks with different options go as several graphs.
// Only calls that have a form in Python are in it: others were refused when they were packed.
import { randomUUID } from "node:crypto";
import { type ConstraintSpec, type NativeGraph, Pickled, Serialized } from "@acme/protocol";
import {
  keyNode,
  type PickleNode,
  PyBuffer,
  PyTuple,
  pyCall,
  pyGlobal,
  writePickle,
} from "@acme/python";

/** An `update-graph` as dask's scheduler takes it. */
export type DaskUpdate = Readonly<Record<string, unknown>> & { readonly op: "update-graph" };

/** The messages for one graph, in order. */
export function daskUpdates(graph: NativeGraph): DaskUpdate[] {
  const options = groupsOf(graph);
  return [...new Set(options)].map((group) => {
    const tasks = [...graph.keys.keys()].filter((index) => options[index] === group);
    return update(graph, tasks, JSON.parse(group) as Options);
  });
}

/** What dask calls annotations. */
interface Options {
  readonly workers?: readonly string[];
  readonly allow_other_workers?: boolean;
  readonly resources?: Readonly<Record<string, number>>;
  readonly retries?: number;
  readonly priority?: number;
}

/** Per task the options that it goes with; what nobody wants goes with what needs it. */
function groupsOf(graph: NativeGraph): string[] {
  const count = graph.keys.length;
  const own = graph.keys.map((_, index) => JSON.stringify(optionsOf(graph, index)));
  if (new Set(own).size <= 1 || graph.desired === "all") return own;
  const desired = new Set(graph.desired);
  const needs = dependenciesOf(graph);
  // Tasks stand after those that they need.
  for (let index = count - 1; index >= 0; index--) {
    for (const need of needs(index)) {
      if (need < count && !desired.has(need)) own[need] = own[index] as string;
    }
  }
  return own;
}

function optionsOf(graph: NativeGraph, index: number): Options {
  const { constraint_of: of, retries, user_priority: priority } = graph;
  const constraint = graph.constraints[typeof of === "number" ? of : (of[index] as number)];
  const { workers, allow_other_workers, lang } = constraint ?? ({} as ConstraintSpec);
  const resources = new Map(constraint?.resources ?? []);
  if (lang === "js") resources.set("LANG-js", 1);
  const retried = typeof retries === "number" ? retries : (retries.get(index) ?? 0);
  const prior = typeof priority === "number" ? priority : (priority.get(index) ?? 0);
  return {
    ...(workers === undefined ? {} : { workers }),
    ...(allow_other_workers === true ? { allow_other_workers } : {}),
    ...(resources.size === 0 ? {} : { resources: Object.fromEntries(resources) }),
    ...(retried === 0 ? {} : { retries: retried }),
    ...(prior === 0 ? {} : { priority: prior }),
  };
}

function dependenciesOf(graph: NativeGraph): (index: number) => readonly number[] {
  const frames = graph.dependencies?.frames;
  const [offsets, indices] = (frames ?? []).map((frame) => new Uint32Array(frame.slice().buffer));
  return (index) => {
    const of = graph.template_of;
    const template = graph.templates[typeof of === "number" ? of : (of[index] as number)];
    const own =
      offsets === undefined || indices === undefined
        ? []
        : indices.subarray(offsets[index], offsets[index + 1]);
    return [...(template?.dependencies ?? []), ...own];
  };
}

function update(graph: NativeGraph, tasks: readonly number[], options: Options): DaskUpdate {
  const isWanted = graph.desired === "all" ? () => true : (index: number) => wanted.has(index);
  const wanted = new Set(graph.desired === "all" ? [] : graph.desired);
  const dsk = new Map(
    tasks.map((index) => [keyNode(graph.keys[index] as never), specOf(graph, index)]),
  );
  const expression = writePickle(expressionOf(dsk), { outOfBandBytes: 4096 });
  const annotations = new Map(
    Object.entries(options).map(([name, value]) => [name, annotation(value)]),
  );
  const writeable = expression.buffers.map(() => true);
  return {
    op: "update-graph",
    expr_ser: new Serialized({ serializer: "pickle", writeable }, [
      expression.bytes,
      ...expression.buffers,
    ]),
    keys: new Set(tasks.filter(isWanted).map((index) => graph.keys[index])),
    internal_priority: null,
    submitting_task: null,
    fifo_timeout: 0,
    actors: null,
    code: pickled(PyTuple.of()),
    annotations: pickled(annotations),
    span_metadata: pickled(new Map()),
  };
}

/** As dask pickles it: with a token, which it would else make of everything in it. */
function expressionOf(dsk: Map<PickleNode, PickleNode>): PickleNode {
  const kind = pyGlobal("dask._expr", "LLGExpr");
  return pyCall("dask._expr", "Expr._reconstruct", kind, dsk, randomUUID(), new Map());
}

const pickled = (node: PickleNode): Pickled => Pickled.of(writePickle(node).bytes);

const annotation = (value: unknown): PickleNode =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? new Map(Object.entries(value) as [string, PickleNode][])
    : (value as PickleNode);

/** The pickle of a task, inside another. */
function specOf(graph: NativeGraph, index: number): PickleNode {
  const { template_of: of, slab_tasks: per, items, buffer_of: bufferOf, buffers } = graph;
  const template = graph.templates[typeof of === "number" ? of : (of[index] as number)];
  const [head, tail, ...common] = template?.body?.frames ?? [];
  const slab = Math.floor(index / per);
  const offsets = new Uint32Array((items.frames[2 * slab] as Uint8Array).slice().buffer);
  const at = index % per;
  const item = (items.frames[2 * slab + 1] as Uint8Array).subarray(offsets[at], offsets[at + 1]);
  const own = (bufferOf.get(index) ?? []).map((one) => buffers?.frames[one] as Uint8Array);
  const pickle = Buffer.concat([head as Uint8Array, item, tail as Uint8Array]);
  const memory = [...common, ...own];
  if (memory.length === 0) return pyCall("pickle", "loads", pickle);
  const header = new Map<PickleNode, PickleNode>([
    ["serializer", "pickle"],
    ["writeable", new PyTuple(memory.map(() => true))],
  ]);
  const frames = [pickle, ...memory.map((bytes) => new PyBuffer(bytes))];
  return pyCall("distributed.protocol.serialize", "merge_and_deserialize", header, frames);
}
