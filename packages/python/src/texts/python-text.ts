// The Python programs of this package, as texts: they lie beside the code as files, so that they can
// be read, checked and run as what they are. Must not know what they do.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Names of the files in `texts/`, without suffix. */
export type PythonTextName = "helper" | "materialize" | "shuffle" | "source";

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

/** Where one of them lies, for a process that is to read it. */
export const pythonTextPath = (name: PythonTextName): string => fileURLToPath(textFile(name));

/** Two folders up from sources, compiled files and bundles alike. */
const textFile = (name: PythonTextName): URL => new URL(`../../texts/${name}.py`, import.meta.url);
