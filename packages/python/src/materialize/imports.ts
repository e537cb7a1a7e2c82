// What Python would import to read a pickle. A worker that cannot read what it is sent loses its
// connection, so a pickle that Python has not seen goes to workers only with names that it has.
import { type PickleNode, PyFrozenSet, PyGlobal, PyObject, PyTuple } from "../pickle/nodes.js";

const cloudpickle = "cloudpickle.cloudpickle";

/** What may be called while such a pickle is read: nothing that a user wrote. */
const tame = new Set([
  "dask._expr:Expr._reconstruct",
  `${cloudpickle}:_make_function`,
  `${cloudpickle}:_make_cell`,
  `${cloudpickle}:_make_empty_cell`,
  `${cloudpickle}:_builtin_type`,
  `${cloudpickle}:_function_setstate`,
  `${cloudpickle}:subimport`,
  "functools:partial",
  "builtins:range",
  "builtins:slice",
  "builtins:complex",
]);
const isTame = (name: string): boolean => tame.has(name) || /^dask\._task_spec:\w+$/.test(name);

const nameOf = ({ module, name }: PyGlobal): string => `${module}:${name}`;

/** What is called, with all that Python has to agree with; null: only Python can judge it. */
function callableName({ callable, maker, args }: PyObject): string | null {
  if (maker?.is(cloudpickle, "subimport")) return `${String(args[0])}:`;
  if (maker !== undefined) return isTame(nameOf(maker)) ? nameOf(maker) : null;
  // The code of a function takes more or fewer arguments in other releases of Python.
  const isCode =
    callable instanceof PyObject &&
    callable.isMadeBy(cloudpickle, "_builtin_type") &&
    callable.args[0] === "CodeType";
  return isCode ? `types:CodeType/${args.length}` : null;
}

/**
 * Everything that reading a pickle makes Python import, as `module:name`.
 *
 * @param tree - what the pickle says
 * @returns null: something in it is made by calls that only Python can judge
 */
export function importsOf(tree: PickleNode): Set<string> | null {
  const names = new Set<string>();
  const seen = new Set<object>();
  const open: unknown[] = [tree];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== "object" || node === null || node instanceof Uint8Array) continue;
    if (seen.has(node)) continue;
    seen.add(node);
    if (node instanceof PyGlobal) names.add(nameOf(node));
    else if (node instanceof PyObject) {
      const { callable, args, kwargs, state: own, items, entries } = node;
      const name = callableName(node);
      if (name === null) return null;
      names.add(name);
      open.push(callable, ...args, kwargs, own, items, entries);
    } else if (node instanceof Map) open.push(...node.keys(), ...node.values());
    else if (node instanceof PyTuple || node instanceof PyFrozenSet) open.push(...node.items);
    else if (Array.isArray(node) || node instanceof Set) open.push(...node);
  }
  return names;
}
