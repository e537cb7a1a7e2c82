// A Python program as one expression whose value is a function of it, for whoever can only evaluate:
// no file of ours need be where it runs. Must not know what the program does.
import { createHash } from "node:crypto";
import { type PythonTextName, pythonText } from "./python-text.js";

/**
 * An expression for `eval`. A process runs each program once, however often it is asked.
 *
 * @param name - of the program
 * @param functionName - what of it is the value
 */
export function programExpression(name: PythonTextName, functionName: string): string {
  const source = pythonText(name);
  const program = JSON.stringify(source);
  const version = createHash("sha256").update(source).digest("hex").slice(0, 12);
  const module = `_acme_${name}_${version}`;
  return (
    `(lambda m: (m.__dict__.get('${functionName}') or exec(compile(` +
    `${program}, '<${module}>', 'exec'), m.__dict__) or m.${functionName}))` +
    `(__import__('sys').modules.setdefault('${module}', __import__('types').ModuleType('${module}')))`
  );
}
