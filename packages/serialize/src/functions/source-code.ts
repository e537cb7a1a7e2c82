// Turns the text of a function into an expression that makes the function again elsewhere, and
// refuses what cannot stand alone. Text keeps its length, so that columns in stacks stay true.

import { FunctionShipError, type ShipErrorCode } from "../ship-error.js";
import type { Anatomy } from "./anatomy.js";
import { type FreeVariables, freeVariables } from "./free-variables.js";
import { originalLines } from "./original-lines.js";
import { resolveSpecifier } from "./specifiers.js";
import { type ClassNode, isClass, type ParsedFunction, parseFunctionText } from "./syntax.js";

/** Stands for `import.meta` in shipped text; as long as it, on purpose. */
export const metaName = "acme__$meta";

/** Stands for what a class extends: its actual parent, not the expression that gave it. */
export const parentName = "acme__parent";

/** A function's text, ready to be evaluated as an expression. */
export interface SourceCode {
  /** Text in front of the function, on the line above it. */
  readonly before: string;
  readonly text: string;
  readonly after: string;
  readonly isClass: boolean;
  readonly strict: boolean;
  /** True when the text is a class whose parent is to be captured as `parentName`. */
  readonly hasParent: boolean;
  readonly free: FreeVariables;
}

/** Understands a function's text; throws the error of what cannot leave its surroundings. */
export function sourceCode(anatomy: Anatomy, path: readonly string[]): SourceCode {
  const parsed = parseFunctionText(anatomy.text);
  if (parsed === undefined) {
    throw refuse({ anatomy, path }, "SYNTAX", "its text cannot be parsed", "write it differently");
  }
  const strict = anatomy.strict || isClass(parsed.node) || parsed.place === "member";
  const free = freeVariables(parsed.node, strict);
  refuseSurroundings(anatomy, path, parsed, free);
  const parent = isClass(parsed.node) ? heritage(parsed.node) : undefined;
  const meta = free.importMeta.map((range) => ({ ...range, name: metaName }));
  const lines = originalLines(anatomy, parsed);
  const spaces = lines.map(({ at, space }) => ({ start: at, end: at, name: space }));
  const within = [...spaces, ...meta, ...settledImports(anatomy, free)];
  const whole = parent === undefined ? [] : [{ ...parent, name: parentName }];
  const text = replaced(anatomy.text, parsed.offset, [...outsideOf(parent, within), ...whole]);
  return {
    ...wrapped(parsed, text),
    isClass: isClass(parsed.node),
    strict,
    hasParent: parent !== undefined,
    free,
  };
}

function refuseSurroundings(
  anatomy: Anatomy,
  path: readonly string[],
  parsed: ParsedFunction,
  free: FreeVariables,
): void {
  const no = (code: ShipErrorCode, what: string, hint: string) => {
    throw refuse({ anatomy, path }, code, what, hint);
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
  { anatomy, path }: { anatomy: Anatomy; path: readonly string[] },
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

/** Where a class says what it extends; `extends null` stays as it is. */
function heritage(node: ClassNode): { start: number; end: number } | undefined {
  const { superClass } = node;
  if (!superClass || (superClass.type === "Literal" && superClass.value === null)) return undefined;
  return superClass;
}

// TypeScript and vite let specifiers mean files that node would not find; those are written out.
function settledImports(anatomy: Anatomy, free: FreeVariables): Replacement[] {
  const settled: Replacement[] = [];
  for (const { specifier, start, end } of free.dynamicImports) {
    const resolved = resolveSpecifier(specifier, anatomy.url);
    const usual = /^\.{1,2}\//.test(specifier) ? new URL(specifier, anatomy.url).href : specifier;
    if (resolved !== usual) settled.push({ start, end, name: JSON.stringify(resolved) });
  }
  return settled;
}

interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/** Without what lies inside of a range that is replaced itself. */
function outsideOf(
  range: { start: number; end: number } | undefined,
  replacements: readonly Replacement[],
): readonly Replacement[] {
  if (range === undefined) return replacements;
  return replacements.filter(({ start }) => start <= range.start || start >= range.end);
}

// From the end, so that offsets stay true; where white space goes in front of a replacement, the
// replacement comes first for the same reason.
function replaced(text: string, offset: number, replacements: readonly Replacement[]): string {
  let result = text;
  const ordered = [...replacements].sort((a, b) => b.start - a.start || b.end - a.end);
  for (const { start, end, name } of ordered) {
    const padded = name.padEnd(end - start);
    result = `${result.slice(0, start - offset)}${padded}${result.slice(end - offset)}`;
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
