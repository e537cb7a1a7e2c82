// Settings in environment variables: `DASK_JOBQUEUE__SLURM__QUEUE=x` is `jobqueue.slurm.queue`.
// Ours (`ACME_…`) lie above dask's; which variables there are is the caller's to say.

import { interpretLiteral } from "./literal.js";
import { isPlainObject, setPath, type Tree, treeOf } from "./tree.js";

/** Variables that steer the reading itself and are no settings. */
const reserved = new Set(["CONFIG", "ROOT_CONFIG", "INTERNAL_INHERIT_CONFIG"]);

/** Reads the settings of one prefix (`"DASK"` or `"ACME"`) out of the environment. */
export function environmentTree(
  env: Readonly<Record<string, string | undefined>>,
  prefix: string,
): Tree {
  const tree: Tree = new Map();
  // Sorted, so that a variable for a level comes before those for values inside it.
  for (const variable of Object.keys(env).sort()) {
    const text = env[variable];
    if (text === undefined || !variable.startsWith(`${prefix}_`)) continue;
    const name = variable.slice(prefix.length + 1);
    if (name === "" || reserved.has(name)) continue;
    const value = interpretLiteral(text);
    const origin = { variable };
    setPath(
      tree,
      name.toLowerCase().replaceAll("__", "."),
      isPlainObject(value) ? treeOf(value, origin) : { value, origin },
    );
  }
  return tree;
}
