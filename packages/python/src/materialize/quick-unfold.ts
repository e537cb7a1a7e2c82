// The graph of one task, as `client.submit` sends it, unfolded without Python: what is pickled around
// the task is cut off, and its key and dependencies are read without executing anything. Whatever
// looks different from what dask writes is left to Python.
import { isAcmeError, Pickled, Serialized, type TaskKey, taskKey } from "@acme/protocol";
import { pythonLimits } from "../limits.js";
import { type PickleNode, PyFrozenSet, PyObject, PyTuple } from "../pickle/nodes.js";
import { readPickle } from "../pickle/read-pickle.js";
import { keyOfNode } from "../specs/key-of-node.js";
import { importsOf } from "./imports.js";
import type { FoldedGraph } from "./unfold-call.js";
import type { UnfoldedGraph } from "./unfolded-graph.js";

/** PROTO 5 and FRAME, whose length follows. */
const head = Uint8Array.of(0x80, 5, 0x95);
const headBytes = head.byteLength + 8;
/** `Expr._reconstruct(LLGExpr, {` */
const opening = Buffer.from(
  "\x8c\x0adask._expr\x94\x8c\x11Expr._reconstruct\x94\x93\x94(h\x00\x8c\x07LLGExpr\x94\x93\x94}\x94",
  "latin1",
);
/** `}, token, {})`: what follows the task is of this length, and all but the token is known. */
const closing = /^s\x8c\x20[0-9a-f]{32}\x94\}\x94t\x94R\x94\.$/;
const closingBytes = 43;
/** A task's fields, in the order of their names: _data_producer, _dependencies, …, key, kwargs. */
const stateLength = 9;
const keyField = 7;

/** A graph that was unfolded without Python. */
export interface QuickGraph {
  readonly graph: UnfoldedGraph;
  /** What Python imports to read its task, as `module:name`. */
  readonly names: ReadonlySet<string>;
}

/** @returns null if only Python can unfold it */
export function quickUnfold(graph: FoldedGraph): QuickGraph | null {
  const { expr_ser: folded, keys } = graph;
  if (!(folded instanceof Serialized) || keys.length !== 1) return null;
  const [pickle, ...buffers] = folded.frames;
  if (pickle === undefined || folded.header.get("serializer") !== "pickle") return null;
  if (folded.header.has("compression") || folded.header.has("split-offsets")) return null;
  const task = cutOut(pickle);
  if (task === null) return null;
  try {
    const annotations = annotationsOf(graph.annotations);
    const tree = readPickle(pickle, buffers);
    const facts = factsOf(tree);
    const names = importsOf(tree);
    if (annotations === null || facts === null || names === null) return null;
    if (facts.key !== taskKey(keys[0])) return null;
    const spec = new Pickled({ "pickled-obj": task }, buffers);
    return { graph: unfolded(facts, spec, annotations), names };
  } catch (error) {
    if (isAcmeError(error)) return null;
    throw error;
  }
}

/** The pickle of the task alone: memo indexes stay right, since nothing before it is left out. */
function cutOut(pickle: Uint8Array): Uint8Array | null {
  const { byteLength } = pickle;
  if (byteLength > pythonLimits.quickBytes) return null;
  const bytes = Buffer.from(pickle.buffer, pickle.byteOffset, byteLength);
  const end = byteLength - closingBytes;
  if (end <= headBytes + opening.byteLength || !startsWith(bytes, 0, head)) return null;
  // One frame holds all of it.
  if (bytes.readBigUInt64LE(head.byteLength) !== BigInt(byteLength - headBytes)) return null;
  if (!startsWith(bytes, headBytes, opening)) return null;
  if (!closing.test(bytes.toString("latin1", end))) return null;
  // Which language it calls is found out by Python.
  if (bytes.includes("__js__")) return null;
  return Buffer.concat([head.subarray(0, 2), bytes.subarray(headBytes, end), Buffer.from(".")]);
}

const startsWith = (bytes: Buffer, at: number, text: Uint8Array): boolean =>
  bytes.subarray(at, at + text.byteLength).equals(text);

interface TaskFacts {
  readonly key: TaskKey;
  readonly dependencies: TaskKey[];
  readonly isProducer: boolean;
}

function factsOf(expression: PickleNode): TaskFacts | null {
  const tasks = expression instanceof PyObject ? expression.args[1] : undefined;
  if (!(tasks instanceof Map) || tasks.size !== 1) return null;
  const [node] = tasks.values();
  if (!(node instanceof PyObject) || !node.isMadeBy("dask._task_spec", "Task")) return null;
  const state = node.state instanceof PyTuple ? node.state.items : [];
  const [isProducer, dependencies] = state;
  const key = state[keyField];
  if (state.length !== stateLength || key === undefined) return null;
  if (typeof isProducer !== "boolean" || !(dependencies instanceof PyFrozenSet)) return null;
  return { key: keyOfNode(key), dependencies: dependencies.items.map(keyOfNode), isProducer };
}

function unfolded(
  { key, dependencies, isProducer }: TaskFacts,
  spec: Pickled,
  annotations: ReadonlyMap<string, unknown>,
): UnfoldedGraph {
  const bytes = spec.headerBytes;
  const buffers = spec.frames.length === 0 ? null : new Map([[0, spec.frames]]);
  const indices = Uint32Array.from(dependencies, (_, i) => i + 1);
  const offsets = Uint32Array.of(0, dependencies.length);
  const hasAnnotations = annotations.size > 0;
  return {
    keys: [key],
    externals: dependencies,
    rows: dependencies.length === 0 ? null : { offsets, indices },
    ranks: null,
    producers: isProducer ? Uint8Array.of(1) : null,
    javascript: null,
    annotations: hasAnnotations ? [annotations] : [],
    annotationOf: hasAnnotations ? Int32Array.of(0) : null,
    slabs: [{ offsets: Uint32Array.of(0, bytes.byteLength), bytes, references: null, buffers }],
  };
}

/** Annotations of simple values; null: there is something among them that only Python knows. */
function annotationsOf(annotations: unknown): ReadonlyMap<string, unknown> | null {
  if (annotations == null) return new Map();
  if (annotations instanceof Map) return annotations.size === 0 ? annotations : null;
  if (!(annotations instanceof Pickled) || annotations.frames.length > 0) return null;
  const read = plain(readPickle(annotations.pickle));
  return read instanceof Map ? read : null;
}

/** The same as it would cross the wire; undefined if it has no such form. */
function plain(node: PickleNode): unknown {
  if (node === null || typeof node !== "object") return node;
  if (node instanceof PyTuple) return plainItems(node.items);
  if (Array.isArray(node) || node instanceof Set) return plainItems([...node]);
  if (!(node instanceof Map)) return undefined;
  const found = new Map<unknown, unknown>();
  for (const [name, value] of node) {
    const read = plain(value);
    if (typeof name !== "string" || read === undefined) return undefined;
    found.set(name, read);
  }
  return found;
}

function plainItems(items: readonly PickleNode[]): unknown[] | undefined {
  const read = items.map(plain);
  return read.includes(undefined) ? undefined : read;
}
