// The Python programs of this package, as texts: they lie beside the code as files, so that they can
// be read, checked and run as what they are. Must not know what they do.
import { readFileSync } from "node:fs";

/** Names of the files in `texts/`, without suffix. */
export type PythonTextName = "materialize" | "shuffle";

const known = new Map<PythonTextName, string>();

/**
 * The source of one of the Python programs that come with this package.
 *
 * @param name - of its file
 * @example
 * ```ts
 * const source = pythonText("materialize");
 * ```
 */
export function pythonText(name: PythonTextName): string {
  const text = known.get(name) ?? readFileSync(textFile(name), "utf8");
  known.set(name, text);
  return text;
}

/** Two folders up from sources, compiled files and bundles alike. */
const textFile = (name: PythonTextName): URL => new URL(`../../texts/${name}.py`, import.meta.url);
