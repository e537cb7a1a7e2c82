// The call whose value is a function made from source text: any Python worker can make it, since it
// carries the program that does so. Knows nothing of what the text says.
import { createHash } from "node:crypto";
import { type PickleNode, PyTuple, pyGlobal } from "../pickle/nodes.js";
import { pythonText } from "../texts/python-text.js";

/** A function in a text. */
export interface PythonSource {
  readonly text: string;
  /** What tracebacks call the text. */
  readonly filename: string;
  /** Its name in the text; dots lead into classes. */
  readonly name: string;
}

let loader: string | undefined;

/** An expression whose value is the function `load` of the program. */
function loaderExpression(): string {
  // A literal of JSON is one of Python.
  loader ??= `(lambda names: (exec(${JSON.stringify(pythonText("source"))}, names), names["load"])[1])({})`;
  return loader;
}

/** What to call, and with what, to have the function. */
export function sourceCall({ text, filename, name }: PythonSource): {
  readonly target: PickleNode;
  readonly args: readonly PickleNode[];
} {
  const expression = loaderExpression();
  const digest = createHash("sha256").update(`${filename}\n${text}`).digest("hex").slice(0, 16);
  // By nothing but builtins, which a scheduler in Python can pickle again.
  const parts = PyTuple.of(expression, digest, text, filename, name);
  return {
    target: pyGlobal("builtins", "eval"),
    args: ["eval(parts[0])(*parts)", new Map([["parts", parts]])],
  };
}
