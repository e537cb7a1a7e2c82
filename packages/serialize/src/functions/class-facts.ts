// What must be known about a class before its instances may travel: whether it belongs to node
// itself, and whether instances hold private members. By syntax, never by searching the text.

import { FunctionShipError } from "../ship-error.js";
import { isNativeText } from "./code-place.js";
import { inspectFunction, loadedScript } from "./inspect.js";
import { isClass, parseFunctionText } from "./syntax.js";

/** Facts about one constructor. */
export interface ClassFacts {
  /** Native code, or written inside node. */
  readonly builtin: boolean;
  /** Name of one private instance member, such as `#pool`. */
  readonly privateMember: string | undefined;
}

const known = new WeakMap<object, ClassFacts>();

/** Facts about a class or constructor function, kept per class. */
export function classFacts(kind: object): ClassFacts {
  let facts = known.get(kind);
  if (facts === undefined) {
    facts = gather(kind);
    known.set(kind, facts);
  }
  return facts;
}

function gather(kind: object): ClassFacts {
  const text = Function.prototype.toString.call(kind);
  if (isNativeText(text) || isNodeInternal(kind)) {
    return { builtin: true, privateMember: undefined };
  }
  return { builtin: false, privateMember: privateMember(text) };
}

function isNodeInternal(kind: object): boolean {
  try {
    const { position } = inspectFunction(kind);
    return position !== undefined && loadedScript(position.scriptId, kind).url.startsWith("node:");
  } catch (error) {
    if (error instanceof FunctionShipError && error.code === "NO_INSPECTOR") return false;
    throw error;
  }
}

function privateMember(text: string): string | undefined {
  if (!text.includes("#")) return undefined;
  const parsed = parseFunctionText(text);
  if (parsed === undefined || !isClass(parsed.node)) return undefined;
  for (const member of parsed.node.body.body) {
    if (member.type === "StaticBlock" || member.static) continue;
    if (member.key.type === "PrivateIdentifier") return `#${member.key.name}`;
  }
  return undefined;
}
