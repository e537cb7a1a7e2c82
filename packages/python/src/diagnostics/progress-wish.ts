// What dask's own progress bars ask of a scheduler. They send a function that would set up a plugin
// in there; here it is recognised by its name, and the keys it closed over are read from its pickle.
// Nothing of it runs, and no other function is taken for one.
import type { WireKey } from "@acme/protocol";
import { type PickleNode, PyFrozenSet, PyGlobal, PyObject, PyTuple } from "../pickle/nodes.js";
import { readPickle } from "../pickle/read-pickle.js";

/** The wish of a progress bar. */
export interface ProgressWish {
  keys: WireKey[];
  /** All that the keys depend on counts too, done or not. */
  complete: boolean;
  /** One number for all, or one for each prefix of keys or span of the program. */
  groups: "all" | "prefix" | "spans";
}

const home = "distributed.diagnostics.progressbar";

/**
 * Reads what a progress bar of dask wants to follow.
 *
 * @param setup - the pickled function
 * @returns null if it is another function, or groups tasks in a way that only Python could
 * @throws PickleFormatError if it is no pickle
 */
export function progressWish(setup: Uint8Array): ProgressWish | null {
  const closure = closureOf(readPickle(setup));
  if (closure === null) return null;
  const { name, cells } = closure;
  const keys = keysOf(cells.get("keys"));
  const complete = cells.get("complete");
  if (keys === null || typeof complete !== "boolean") return null;
  if (name === "ProgressBar.listen.<locals>.setup") return { keys, complete, groups: "all" };
  if (name !== "MultiProgressBar.listen.<locals>.setup") return null;
  if (cells.get("group_by") === "spans") return { keys, complete, groups: "spans" };
  return isByPrefix(cells.get("group_by")) ? { keys, complete, groups: "prefix" } : null;
}

interface Closure {
  name: string;
  cells: Map<PickleNode, PickleNode>;
}

/** A function as cloudpickle writes one that cannot be imported, if it is of dask's progress bars. */
function closureOf(node: PickleNode): Closure | null {
  if (!(node instanceof PyObject) || !isOfCloudpickle(node, "_make_function")) return null;
  const [code, globals] = node.args;
  if (!(code instanceof PyObject) || !(globals instanceof Map)) return null;
  if (globals.get("__name__") !== home || !(node.state instanceof PyTuple)) return null;
  const slots = node.state.items[1];
  if (!(slots instanceof Map)) return null;
  // The last but one of a code object's parts, in every version of Python.
  const names = code.args.at(-2);
  const values = slots.get("__closure__");
  const name = slots.get("__qualname__");
  if (!(names instanceof PyTuple) || !(values instanceof PyTuple)) return null;
  if (typeof name !== "string" || names.items.length !== values.items.length) return null;
  const cells = new Map<PickleNode, PickleNode>();
  for (const [at, cell] of values.items.entries()) {
    if (!(cell instanceof PyObject) || !isOfCloudpickle(cell, "_make_cell")) return null;
    cells.set(names.items[at] ?? null, cell.args[0] ?? null);
  }
  return { name, cells };
}

const isOfCloudpickle = (node: PyObject, name: string): boolean =>
  node.isMadeBy("cloudpickle.cloudpickle", name) ||
  node.isMadeBy("distributed.cloudpickle.cloudpickle", name);

const isByPrefix = (node: PickleNode | undefined): boolean =>
  node instanceof PyGlobal && node.is("dask.utils", "key_split");

function keysOf(node: PickleNode | undefined): WireKey[] | null {
  if (!(node instanceof Set || node instanceof PyFrozenSet)) return null;
  const keys: WireKey[] = [];
  for (const item of node instanceof Set ? node : node.items) {
    const key = keyOf(item);
    if (key === null) return null;
    keys.push(key);
  }
  return keys;
}

function keyOf(node: PickleNode): WireKey | null {
  if (typeof node === "string" || typeof node === "number" || typeof node === "bigint") return node;
  if (node instanceof Uint8Array) return node;
  if (!(node instanceof PyTuple)) return null;
  const parts: WireKey[] = [];
  for (const item of node.items) {
    const part = keyOf(item);
    if (part === null) return null;
    parts.push(part);
  }
  return parts;
}
