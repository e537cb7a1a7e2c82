// Reads how dask describes a task: a pickled tree of its graph nodes. Nothing is imported, called or
// made into a value here. Corresponds to the classes of dask's _task_spec.py.
import type { TaskKey } from "@acme/protocol";
import { type PickleNode, PyGlobal, PyObject, PyTuple } from "../pickle/nodes.js";
import { pickleLimits } from "../pickle/pickle-limits.js";
import { readPickle } from "../pickle/read-pickle.js";
import { jsReferenceOf } from "./js-reference.js";
import { keyOfNode } from "./key-of-node.js";
import { RunSpecError } from "./run-spec-error.js";
import type { RunSpec, Spec, SpecPlace } from "./spec.js";

const specModule = "dask._task_spec";
/** Where the fields of a Task stand in its state: its slots in alphabetical order. */
const taskState = { length: 9, args: 5, func: 6, kwargs: 8 };
const containerState = { length: 11, args: 5 };
const containers = { List: "list", Tuple: "tuple", Set: "set" } as const;

/**
 * Reads the run spec of a task.
 *
 * @param pickle - the bytes
 * @param buffers - out-of-band buffers that came with it
 * @throws PickleFormatError, LimitError, RunSpecError for what no release of dask known here writes
 * @example
 * ```ts
 * const { spec, callsPython } = readRunSpec(pickled.pickle, pickled.frames);
 * if (callsPython !== undefined) console.log(`only Python can call ${callsPython}`);
 * ```
 */
export function readRunSpec(pickle: Uint8Array, buffers: readonly Uint8Array[] = []): RunSpec {
  const reader = new SpecReader();
  const spec = reader.read(readPickle(pickle, buffers), null, 0);
  return { spec, callsJs: reader.callsJs, callsPython: reader.callsPython };
}

class SpecReader {
  callsJs = false;
  callsPython: string | undefined;

  read(node: PickleNode, place: SpecPlace | null, depth: number): Spec {
    if (depth > pickleLimits.depth) {
      throw new RunSpecError(`a run spec is nested more than ${pickleLimits.depth} deep`);
    }
    const { maker } = node instanceof PyObject ? node : {};
    if (!(node instanceof PyObject) || maker?.module !== specModule) {
      return { type: "value", node, place };
    }
    switch (maker.name) {
      case "TaskRef":
        return { type: "ref", key: keyOfNode(argument(node, 0)) };
      case "Alias":
        return { type: "ref", key: keyOfNode(argument(node, 1)) };
      case "DataNode":
        return {
          type: "value",
          node: argument(node, 1),
          place: { of: place, attribute: "value" },
        };
      case "Task":
        return this.#task(node, place, depth + 1);
      case "List":
      case "Tuple":
      case "Set": {
        const { args } = fieldsOf(node, containerState);
        return { type: containers[maker.name], items: this.#items(args, place, depth + 1) };
      }
      case "Dict":
        return this.#dict(fieldsOf(node, containerState).args, place, depth + 1);
      default:
        throw new RunSpecError(`dask's ${maker.name} is not known here`);
    }
  }

  /** The `args` of a node. */
  #items(args: readonly PickleNode[], of: SpecPlace | null, depth: number): Spec[] {
    return args.map((node, item) => this.read(node, { of, attribute: "args", item }, depth));
  }

  #dict(args: readonly PickleNode[], place: SpecPlace | null, depth: number): Spec {
    const items = this.#items(args, place, depth);
    const entries: [Spec, Spec][] = [];
    for (let i = 0; i + 1 < items.length; i += 2) entries.push([items[i]!, items[i + 1]!]);
    return { type: "dict", entries };
  }

  #task(node: PyObject, of: SpecPlace | null, depth: number): Spec {
    const { args, state } = fieldsOf(node, taskState);
    const func = state[taskState.func] as PickleNode;
    const keywords = state[taskState.kwargs];
    if (func instanceof PyGlobal && func.is(specModule, "_execute_subgraph")) {
      return this.#fused(args, of, depth);
    }
    const reference = jsReferenceOf(func);
    if (reference === undefined) {
      this.callsPython ??= nameOf(func);
      return { type: "value", node, place: of };
    }
    this.callsJs = true;
    const kwargs: [string, Spec][] = [];
    for (const [name, value] of keywords instanceof Map ? keywords : []) {
      if (typeof name !== "string") throw new RunSpecError("a keyword argument has no name");
      kwargs.push([name, this.read(value, { of, attribute: "kwargs", item: name }, depth)]);
    }
    return { type: "call", function: reference, args: this.#items(args, of, depth), kwargs };
  }

  /** `_execute_subgraph(tasks, output, keys, *values)`: the values of other tasks under these keys. */
  #fused(args: readonly PickleNode[], of: SpecPlace | null, depth: number): Spec {
    const [inner, output, keys, ...values] = args;
    if (!(inner instanceof Map) || output === undefined || !(keys instanceof PyTuple)) {
      throw new RunSpecError("a fused task has no tasks");
    }
    const tasks = new Map<TaskKey, Spec>();
    const first: SpecPlace = { of, attribute: "args", item: 0 };
    for (const [key, task] of inner) {
      const place: SpecPlace = { of: first, attribute: "", item: key };
      tasks.set(keyOfNode(key), this.read(task, place, depth));
    }
    for (const [index, key] of keys.items.entries()) {
      const value = values[index];
      // Outside it has the same name: the reference would be taken for itself.
      const place: SpecPlace = { of, attribute: "args", item: index + 3 };
      const spec = value === undefined ? undefined : this.read(value, place, depth);
      if (spec !== undefined && spec.type !== "ref") tasks.set(keyOfNode(key), spec);
    }
    return { type: "fused", tasks, output: keyOfNode(output) };
  }
}

function argument(node: PyObject, index: number): PickleNode {
  const value = node.args[index];
  if (value === undefined) throw new RunSpecError(`dask's ${node.maker?.name} has no arguments`);
  return value;
}

function fieldsOf(node: PyObject, layout: { readonly length: number; readonly args: number }) {
  const { state } = node;
  const fields = state instanceof PyTuple ? state.items : state;
  const args = Array.isArray(fields) ? fields[layout.args] : undefined;
  if (!Array.isArray(fields) || fields.length !== layout.length || !(args instanceof PyTuple)) {
    throw new RunSpecError(
      `dask's ${node.maker?.name} has fields that are not known here: this worker reads what ` +
        "the newest release of dask writes",
    );
  }
  return { args: args.items, state: fields as readonly PickleNode[] };
}

/** What to call a Python function in messages. */
function nameOf(node: PickleNode): string {
  if (node instanceof PyGlobal) return `${node.module}.${node.name}`;
  if (!(node instanceof PyObject)) return "an object";
  const { maker, args } = node;
  if (maker?.is("functools", "partial") && args[0] !== undefined) return nameOf(args[0]);
  if (maker?.module.startsWith("cloudpickle")) return "a function sent by value";
  return maker === undefined ? "an object" : `an instance of ${maker.module}.${maker.name}`;
}
