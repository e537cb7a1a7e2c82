// Tells where V8 has the code of a function, in a tenth of a microsecond where the inspector takes a
// tenth of a millisecond: docs/decisions/0017. Says nothing where an engine does not offer it; what
// follows from two functions having the same code is not known here.

import type v8 from "node:v8";
import { builtinModule } from "../modules/builtin-module.js";
import { isNativeText } from "./class-facts.js";

type Ask = (fn: object) => string;

let ask: Ask | undefined;
/** V8 does not let us, or there is no V8. */
let isRefused = false;

/**
 * The script and position of a function's code: the same for all closures of one place, and for no
 * other code of this process.
 *
 * @param fn - not a class
 * @returns undefined for native, bound and proxied functions, and where it cannot be told
 */
export function codePlace(fn: object): string | undefined {
  // V8 ends the process when it is asked about what is no function of a script.
  if (isNativeText(Function.prototype.toString.call(fn))) return undefined;
  if (isRefused) return undefined;
  ask ??= compileAsk();
  try {
    return ask?.(fn);
  } catch {
    // V8 drops bytecode that was not used for long, and cannot read this text again by itself.
    ask = compileAsk();
    return ask?.(fn);
  }
}

function compileAsk(): Ask | undefined {
  try {
    const { setFlagsFromString } = builtinModule("node:v8") as typeof v8;
    setFlagsFromString("--allow-natives-syntax");
    try {
      const text = "return %FunctionGetScriptId(fn) + ':' + %FunctionGetScriptSourcePosition(fn)";
      const made = new Function("fn", text) as Ask;
      // Read as long as it may be, and tried on something whose answer is known to be a place.
      if (/^\d+:\d+$/.test(made(compileAsk))) return made;
    } finally {
      setFlagsFromString("--no-allow-natives-syntax");
    }
  } catch {
    // Not V8, or a process that may not make code from text.
  }
  isRefused = true;
  return undefined;
}
