// Everything about one function of this process put together: its script, its text, where the
// text begins, the syntax around it. Read once per question, never kept beyond it.

import { FunctionShipError } from "../ship-error.js";
import { enclosingNodes, strictAt } from "./bindings.js";
import { isNativeText } from "./code-place.js";
import { type FunctionScope, inspectFunction, type LoadedScript, loadedScript } from "./inspect.js";
import { locationText, offsetOf, type Place, placeOf } from "./positions.js";
import { scriptUrl } from "./specifiers.js";
import { type AnyNode, parseScript } from "./syntax.js";

/** A function written in JavaScript, located. */
export interface Anatomy {
  readonly text: string;
  readonly script: LoadedScript;
  /** file: or node: URL of the script, or V8's name for it. */
  readonly url: string;
  /** Offset of V8's position for the function, and of the start of its text. */
  readonly position: number;
  readonly start: number;
  /** Where the text starts in the script. */
  readonly place: Place;
  readonly location: string;
  readonly scopes: readonly FunctionScope[];
  /** Syntax around the function, outermost first; empty when the script cannot be parsed. */
  readonly around: readonly AnyNode[];
  readonly strict: boolean;
}

/** What a function turns out to be. */
export type Examined =
  | { readonly kind: "native" }
  | { readonly kind: "bound"; target: object; self: unknown; args: readonly unknown[] }
  | { readonly kind: "script"; readonly anatomy: Anatomy };

/** Examines a function or class of this process. */
export function examine(target: object): Examined {
  const { position, scopes, bound } = inspectFunction(target);
  if (bound !== undefined) return { kind: "bound", ...bound };
  const text = Function.prototype.toString.call(target);
  if (position === undefined || isNativeText(text)) return { kind: "native" };
  const script = loadedScript(position.scriptId, target);
  const offset = offsetOf(script.source, position);
  const start = textStart(script.source, text, offset);
  const place = placeOf(script.source, start);
  const program = parseScript(script);
  const around = program === undefined ? [] : outside(enclosingNodes(program, offset), start, text);
  return {
    kind: "script",
    anatomy: {
      text,
      script,
      url: scriptUrl(script.url),
      position: offset,
      start,
      place,
      location: locationText(script, position),
      scopes,
      around,
      strict: script.isModule || strictAt(around),
    },
  };
}

// V8's position is inside the text: at the parameters, or at the class keyword.
function textStart(source: string, text: string, offset: number): number {
  const start = source.lastIndexOf(text, offset);
  return start >= 0 && start + text.length > offset ? start : offset;
}

// Drops the function itself and what is inside of it from the nodes around its position.
function outside(nodes: readonly AnyNode[], start: number, text: string): AnyNode[] {
  const end = start + text.length;
  return nodes.filter((node) => !(node.start >= start && node.end <= end));
}

/** The refusal of native code that is not reachable by any name. */
export function nativeCode(name: string, path: readonly string[]): FunctionShipError {
  return new FunctionShipError("NATIVE_CODE", {
    what: `function '${name}' is native code, or node's own, and no global or node: module has it`,
    hint: "wrap it: () => theFunction(...), with the module it comes from imported",
    path,
  });
}
