// Writes run specs of calls as unmodified Python workers want them: pickles of dask's Task. Calls of
// one function share a head and a tail, between which each call has a few bytes of its own, so that
// whoever has the parts can put a pickle together without knowing one.
import { createHash } from "node:crypto";
import { LimitError, type TaskKey, wireKey } from "@acme/protocol";
import { type PickleNode, PyGlobal, PyObject, PyTuple, pyCall, pyGlobal } from "../pickle/nodes.js";
import { opcodes } from "../pickle/opcodes.js";
import { pickleLimits } from "../pickle/pickle-limits.js";
import { PickleWriter } from "../pickle/write-pickle.js";
import { PythonObject } from "../values/python-object.js";
import { valueWriting } from "../values/write-payload.js";
import { describedArray, openedHandle } from "../values/write-value.js";
import { keyNode } from "./key-node.js";

const specs = "dask._task_spec";

/** Tells the key of a value that stands for another task's result; else undefined. */
export type ReferenceOf = (value: object) => string | undefined;

/** Keyword arguments of one call, as its last argument. */
export class KeywordArguments {
  readonly entries: Readonly<Record<string, unknown>>;

  constructor(entries: Readonly<Record<string, unknown>>) {
    this.entries = entries;
  }
}

/** Calls of one function. */
export interface PythonCalls {
  /**
   * What is called: the key of a task that gives it, a global that is imported when the task runs,
   * or what a pickle says of it.
   */
  readonly target: PickleNode;
  /** Arguments that all calls share, after their own. */
  readonly shared: readonly unknown[];
  /** Keyword arguments of all calls. */
  readonly keywords: Readonly<Record<string, unknown>>;
}

/** What is written of one call, or of all: memory, and the keys of other tasks that are in it. */
export interface WrittenCall {
  readonly frames: readonly Uint8Array[];
  readonly refs: readonly string[];
}

/** Writes many calls of one function. */
export class CallWriter {
  /** What all calls share: head, tail, and large memory. */
  readonly template: WrittenCall & { readonly id: string };
  readonly #writer = new PickleWriter(valueWriting);
  readonly #refOf: ReferenceOf;
  readonly #target: PickleNode;
  readonly #shared: readonly unknown[];
  readonly #keywords: ReadonlyMap<string, unknown>;
  #refs = new Set<string>();

  /** @throws PythonValueError for shared arguments that have no form in Python */
  constructor({ target, shared, keywords }: PythonCalls, refOf: ReferenceOf) {
    this.#refOf = refOf;
    this.#target = this.#callable(target);
    this.#shared = shared.map((each) => this.#argument(each, 0));
    this.#keywords = this.#arguments(keywords);
    this.template = this.#writeTemplate();
    this.#writer.checkpoint();
  }

  /**
   * Writes one call.
   *
   * @param own - its own arguments
   * @throws PythonValueError for arguments that have no form in Python
   */
  item(own: readonly unknown[]): WrittenCall {
    this.#refs = new Set();
    this.#writer.rollback();
    const args = [...own.map((each) => this.#argument(each, 0)), ...this.#shared];
    const last = args.at(-1);
    const hasOwn = last instanceof KeywordArguments;
    if (hasOwn) args.pop();
    const keywords = hasOwn
      ? new Map([...this.#keywords, ...this.#arguments(last.entries)])
      : this.#keywords;
    if (!isGraphNode(this.#target)) {
      for (const node of [this.#target, ...args]) this.#writer.write(node);
    } else {
      const list = args.some(isGraphNode) ? pyCall(specs, "List", ...(args as PickleNode[])) : args;
      for (const node of [apply, this.#target, list, dictOf(keywords)]) this.#writer.write(node);
    }
    const { bytes, buffers } = this.#writer.take();
    return { frames: [bytes, ...buffers], refs: [...this.#refs] };
  }

  #writeTemplate(): WrittenCall & { id: string } {
    const writer = this.#writer;
    writer.begin();
    // Written once and put aside: items name what is remembered.
    const common = [this.#target, apply, ...this.#shared, ...this.#keywords.values()];
    for (const node of common) {
      if (typeof node !== "object" || node === null || node instanceof KeywordArguments) continue;
      writer.write(node);
      writer.opcode(opcodes.POP);
    }
    writer.write(taskClass);
    writer.opcode(opcodes.MARK);
    writer.write(null);
    const { bytes, buffers } = writer.take();
    const frames = [bytes, tail, ...buffers];
    const hash = createHash("sha256");
    for (const frame of frames) hash.update(`${frame.byteLength}:`).update(frame);
    for (const [key, value] of this.#keywords) hash.update(`${key}=${String(value)}`);
    for (const value of this.#shared) if (typeof value !== "object") hash.update(`|${value}`);
    return { id: `py-${hash.digest("hex").slice(0, 32)}`, frames, refs: [...this.#refs] };
  }

  #callable(target: PickleNode): PickleNode {
    if (typeof target === "string") return this.#reference(target);
    if (!(target instanceof PyGlobal)) return target;
    return later("pkgutil", "resolve_name", `${target.module}:${target.name}`);
  }

  #reference(key: string): PickleNode {
    this.#refs.add(key);
    return pyCall(specs, "TaskRef", keyNode(wireKey(key as TaskKey)));
  }

  #arguments(entries: Readonly<Record<string, unknown>>): Map<string, unknown> {
    const given = Object.entries(entries).filter(([, value]) => value !== undefined);
    return new Map(given.map(([key, value]) => [key, this.#argument(value, 0)]));
  }

  /** The value itself, unless there is a reference inside: then dask's node for it. */
  #argument(value: unknown, depth: number): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (depth > pickleLimits.depth) throw new LimitError("depth", depth, pickleLimits.depth);
    const key = this.#refOf(value);
    if (key !== undefined) return this.#reference(key);
    if (value instanceof PythonObject) return handleTask(value);
    const below = (each: unknown) => this.#argument(each, depth + 1);
    if (Array.isArray(value)) return this.#container("List", value, value.map(below));
    if (value instanceof PyTuple) {
      return this.#container("Tuple", value, value.items.map(below));
    }
    if (value instanceof Set) return this.#container("Set", value, [...value].map(below));
    if (value instanceof Map) {
      const items = [...value].flatMap(([name, each]) => [name, below(each)]);
      return this.#container("Dict", value, items);
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    const isPlain = prototype === Object.prototype || prototype === null;
    if (!isPlain || describedArray(value) !== undefined) return value;
    const items = Object.entries(value).flatMap(([name, each]) => [name, below(each)]);
    return this.#container("Dict", value, items);
  }

  #container(kind: string, value: object, items: unknown[]): unknown {
    return items.some(isGraphNode) ? pyCall(specs, kind, ...(items as PickleNode[])) : value;
  }
}

const apply = pyGlobal("dask.utils", "apply");
const taskClass = pyGlobal(specs, "Task");
const tail = Uint8Array.of(opcodes.TUPLE, opcodes.REDUCE, opcodes.STOP);

/**
 * A call that is made when the task runs. What fails while a worker reads its messages, such as an
 * import, ends the worker.
 */
const later = (module: string, name: string, ...args: readonly PickleNode[]): PyObject =>
  new PyObject("call", taskClass, [null, pyGlobal(module, name), ...args]);

function handleTask(handle: PythonObject): PyObject {
  const { header, frames, path } = openedHandle(handle);
  const whole = later("distributed.protocol.serialize", "merge_and_deserialize", header, frames);
  return path.reduce<PyObject>((part, step) => later("operator", "getitem", part, step), whole);
}

const isGraphNode = (value: unknown): boolean =>
  value instanceof PyObject && value.maker?.module === specs;

function dictOf(entries: ReadonlyMap<string, unknown>): unknown {
  if (![...entries.values()].some(isGraphNode)) return entries;
  return pyCall(specs, "Dict", ...([...entries].flat() as PickleNode[]));
}
