// How Python programs name JavaScript functions: as a call of a method that no object has, so that
// any Python can pickle it and none runs it by mistake.
import { type PickleNode, PyGlobal, PyObject } from "../pickle/nodes.js";
import type { JsReference } from "./spec.js";

const method = "__js__";

/**
 * Reads `operator.methodcaller("__js__", "module#export")`.
 *
 * @returns undefined if the node is anything else
 */
export function jsReferenceOf(node: PickleNode): JsReference | undefined {
  if (!(node instanceof PyObject) || node.made !== "call") return undefined;
  const { maker, args } = node;
  if (maker?.name !== "methodcaller") return undefined;
  if (maker.module !== "operator" && maker.module !== "_operator") return undefined;
  return args.length === 2 && args[0] === method ? parseJsReference(args[1]) : undefined;
}

/** The same reference, to be written for a Python program or another worker. */
export function jsCallable(reference: JsReference): PyObject {
  const text = `${reference.module}#${reference.export}`;
  return new PyObject("call", new PyGlobal("operator", "methodcaller"), [method, text]);
}

/** `module#export`; without `#export` the default export is meant. */
export function parseJsReference(text: unknown): JsReference | undefined {
  if (typeof text !== "string") return undefined;
  const at = text.lastIndexOf("#");
  const module = at < 0 ? text : text.slice(0, at);
  const name = at < 0 ? "default" : text.slice(at + 1);
  return module === "" || name === "" ? undefined : { module, export: name };
}
