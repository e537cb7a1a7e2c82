// Turns the text of a function into an expression that makes the function again elsewhere, and
// refuses what cannot stand alone. Text keeps its length, so that columns in stacks stay true.

import { FunctionShipError, type ShipErrorCode } from "../ship-error.js";
import type { Anatomy } from "./anatomy.js";
import { type FreeVariables, freeVariables } from "./free-variables.js";
import { isClass, type ParsedFunction, parseFunctionText } from "./syntax.js";

/** Stands for `import.meta` in shipped text; as long as it, on purpose. */
export const metaName = "acme__$meta";

/** A function's text, ready to be evaluated as an expression. */
export interface SourceCode {
  /** Text in front of the function, on the line above it. */
  readonly before: string;
  readonly text: string;
  readonly after: string;
  readonly isClass: boolean;
  readonly strict: boolean;
  readonly free: FreeVariables;
}

/** Understands a function's text; throws the error of what cannot leave its surroundings. */
export function sourceCode(anatomy: Anatomy, path: readonly string[]): SourceCode {
  const parsed = parseFunctionText(anatomy.text);
  if (parsed === undefined) {
    throw refuse(anatomy, path, "SYNTAX", "its text cannot be parsed", "write it differently");
  }
  const strict = anatomy.strict || isClass(parsed.node) || parsed.place === "member";
  const free = freeVariables(parsed.node, strict);
  refuseSurroundings(anatomy, path, parsed, free);
  const text = withoutMeta(anatomy.text, parsed.offset, free);
  return { ...wrapped(parsed, text), isClass: isClass(parsed.node), strict, free };
}

function refuseSurroundings(
  anatomy: Anatomy,
  path: readonly string[],
  parsed: ParsedFunction,
  free: FreeVariables,
): void {
  const no = (code: ShipErrorCode, what: string, hint: string) => {
    throw refuse(anatomy, path, code, what, hint);
  };
  if (parsed.place === "getter" || parsed.place === "setter") {
    no("ACCESSOR", `it is a property ${parsed.place}`, "wrap it: (object) => object.property");
  }
  const [privateName] = free.privateNames;
  if (privateName !== undefined || parsed.key?.node.type === "PrivateIdentifier") {
    const name = privateName ?? anatomy.text.split("(")[0];
    no(
      "PRIVATE_SCOPE",
      `it uses the private name ${name} of the class around it, which exists only inside the class`,
      "export the class from a module and call a method of it in the function",
    );
  }
  if (free.usesEval) {
    no("EVAL", "it calls eval(), so the variables it uses are unknown", "call new Function(...)");
  }
  if (free.usesSuper) {
    no("SUPER", "it uses 'super'", "export its class from a module and wrap the call");
  }
  const outer = free.usesOuterThis
    ? "this"
    : free.usesOuterArguments
      ? "arguments"
      : free.usesOuterNewTarget
        ? "new.target"
        : undefined;
  if (outer !== undefined) {
    const hint = `assign what it needs of '${outer}' to a const first, and use that`;
    no("LEXICAL_THIS", `the arrow function uses '${outer}' of the code around it`, hint);
  }
}

function refuse(
  anatomy: Anatomy,
  path: readonly string[],
  code: ShipErrorCode,
  what: string,
  hint: string,
): FunctionShipError {
  const { location } = anatomy;
  return new FunctionShipError(code, {
    what: `the function at ${location} cannot be sent: ${what}`,
    hint,
    path,
    location,
  });
}

function withoutMeta(text: string, offset: number, free: FreeVariables): string {
  let result = text;
  for (const { start, end } of free.importMeta) {
    const name = metaName.padEnd(end - start);
    result = `${result.slice(0, start - offset)}${name}${result.slice(end - offset)}`;
  }
  return result;
}

function wrapped(
  parsed: ParsedFunction,
  text: string,
): { before: string; text: string; after: string } {
  if (parsed.key === undefined) return { before: "(", text, after: ")" };
  const isStatic = parsed.place === "member";
  const [before, after] = isStatic ? ["(class { static", "})"] : ["({", "})"];
  const { node, computed } = parsed.key;
  if (!computed) {
    const name = node.type === "Identifier" ? node.name : node.type === "Literal" ? node.value : "";
    return { before, text, after: `${after}[${JSON.stringify(String(name))}]` };
  }
  // A computed key is an expression of its own; the function's name is restored afterwards.
  const opening = text.lastIndexOf("[", node.start - parsed.offset);
  const closing = text.indexOf("]", node.end - parsed.offset) + 1;
  const key = '"m"'.padEnd(Math.max(3, closing - opening));
  return {
    before,
    text: `${text.slice(0, opening)}${key}${text.slice(closing)}`,
    after: `${after}["m"]`,
  };
}
