// Tells where V8 has the code of a function, in a tenth of a microsecond where the inspector takes a
// tenth of a millisecond, and the script around it: docs/decisions/0017. Says nothing where an engine
// does not offer it; what follows from two functions having the same code is not known here.

import type v8 from "node:v8";
import { builtinModule } from "../modules/builtin-module.js";

interface Ask {
  place(fn: object): string;
  source(fn: object): unknown;
}

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
  return asked(fn, (v8) => v8.place(fn));
}

/**
 * The text of the whole script of a function, for which the inspector has to list all scripts.
 *
 * @returns undefined where {@link codePlace} tells nothing
 */
export function scriptText(fn: object): string | undefined {
  const text = asked(fn, (v8) => v8.source(fn));
  return typeof text === "string" ? text : undefined;
}

function asked<T>(fn: object, question: (v8: Ask) => T): T | undefined {
  // V8 ends the process when it is asked about what is no function of a script.
  if (isNativeText(Function.prototype.toString.call(fn))) return undefined;
  if (isRefused) return undefined;
  ask ??= compileAsk();
  try {
    return ask && question(ask);
  } catch {
    // V8 drops bytecode that was not used for long, and cannot read this text again by itself.
    ask = compileAsk();
    return ask && question(ask);
  }
}

/** True for the text V8 shows in place of native code. */
export function isNativeText(text: string): boolean {
  return /\{\s*\[native code\]\s*\}\s*$/.test(text);
}

function compileAsk(): Ask | undefined {
  try {
    const { setFlagsFromString } = builtinModule("node:v8") as typeof v8;
    setFlagsFromString("--allow-natives-syntax");
    try {
      const place = "return %FunctionGetScriptId(fn) + ':' + %FunctionGetScriptSourcePosition(fn)";
      const made = {
        place: new Function("fn", place),
        source: new Function("fn", "return %FunctionGetScriptSource(fn)"),
      } as unknown as Ask;
      // Each is read by V8 with its first call, and tried on something whose answer is known.
      const knows = String(made.source(compileAsk)).includes("compileAsk");
      if (knows && /^\d+:\d+$/.test(made.place(compileAsk))) return made;
    } finally {
      setFlagsFromString("--no-allow-natives-syntax");
    }
  } catch {
    // Not V8, or a process that may not make code from text.
  }
  isRefused = true;
  return undefined;
}
