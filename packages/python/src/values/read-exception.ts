// What an exception or a traceback was, from the notes that a pickle has of it: as tblib writes them,
// or as the class was simply called. How its arguments become values is told by the caller.
import { type PickleNode, PyGlobal, PyObject, PyTuple } from "../pickle/nodes.js";
import { PythonException } from "./python-exception.js";

/** Turns a node into a value. */
export type ReadNode = (node: PickleNode) => unknown;

/** Lines of a traceback that are kept. */
const frameLimit = 200;
const causeLimit = 20;

/** True for what a pickle would make an exception of. */
export function isException(node: PyObject): boolean {
  const { maker } = node;
  if (maker === undefined) return false;
  if (maker.module === "tblib.pickling_support") return maker.name.startsWith("unpickle_exception");
  const isBuiltin = maker.module === "builtins" || maker.module.endsWith("exceptions");
  const named = /(?:Error|Exception|Warning|Exit|Interrupt|Iteration|Group)$/;
  return isBuiltin && named.test(maker.name);
}

/** @param depth - how many causes led here */
export function readException(node: PyObject, read: ReadNode, depth = 0): PythonException {
  const parts = partsOf(node);
  const [module, name] = className(parts.cls);
  const cause =
    parts.cause instanceof PyObject && depth < causeLimit
      ? readException(parts.cause, read, depth + 1)
      : undefined;
  return new PythonException({
    module,
    name,
    args: itemsOf(parts.args).map(read),
    traceback: tracebackText(parts.traceback),
    notes: itemsOf(parts.notes).filter((note) => typeof note === "string"),
    ...(cause === undefined ? {} : { cause }),
  });
}

interface Parts {
  readonly cls: PickleNode | undefined;
  readonly args: PickleNode | undefined;
  readonly cause: PickleNode | undefined;
  readonly traceback: PickleNode | undefined;
  readonly notes: PickleNode | undefined;
}

function partsOf(node: PyObject): Parts {
  const [cls, second, cause, traceback, context, , notes] = node.args;
  const why = cause ?? context;
  if (node.isMadeBy("tblib.pickling_support", "unpickle_exception_with_attrs")) {
    const args = second instanceof Map ? second.get("args") : undefined;
    return { cls, args, cause: why, traceback, notes };
  }
  if (node.isMadeBy("tblib.pickling_support", "unpickle_exception")) {
    return { cls, args: second, cause: why, traceback, notes };
  }
  const args = new PyTuple(node.args);
  const none = { cause: undefined, traceback: undefined, notes: undefined };
  return { cls: node.callable, args, ...none };
}

/** A class by name, or one that cloudpickle carries along. */
function className(cls: PickleNode | undefined): [module: string, name: string] {
  if (cls instanceof PyGlobal) return [cls.module, cls.name];
  if (!(cls instanceof PyObject)) return ["", "Exception"];
  const [, name, , rest] = cls.args;
  const module = rest instanceof Map ? rest.get("__module__") : undefined;
  return [typeof module === "string" ? module : "", typeof name === "string" ? name : "Exception"];
}

/** The traceback of a pickled one, line by line without the source; empty if there is none. */
export function tracebackText(node: PickleNode | undefined): string {
  const lines: string[] = [];
  let next = node;
  while (next instanceof PyObject && lines.length < frameLimit) {
    const [frame, line, after] = tracebackParts(next);
    const code = field(frame, "f_code");
    const file = String(field(code, "co_filename") ?? "?");
    lines.push(`  File "${file}", line ${line}, in ${String(field(code, "co_name") ?? "?")}`);
    next = after;
  }
  return lines.join("\n");
}

function tracebackParts(node: PyObject): (PickleNode | undefined)[] {
  if (node.made === "call") return [node.args[0], node.args[1], node.args[2]];
  return [field(node, "tb_frame"), field(node, "tb_lineno"), field(node, "tb_next")];
}

function field(node: PickleNode | undefined, name: string): PickleNode | undefined {
  const state = node instanceof PyObject ? node.state : undefined;
  return state instanceof Map ? state.get(name) : undefined;
}

function itemsOf(node: PickleNode | undefined): readonly PickleNode[] {
  if (node instanceof PyTuple) return node.items;
  return Array.isArray(node) ? node : [];
}
