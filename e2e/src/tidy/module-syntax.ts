// What a TypeScript module imports and exports, types included, read from its tokens. It resolves
// nothing: specifiers come out as written.

import { type Token, tokenize } from "./tokens.js";

export interface Import {
  specifier: string;
  /** Names taken from the other module; `"*"` for all of them. */
  names: string[];
  /** Only types are taken: nothing is loaded at run time. */
  typeOnly: boolean;
  /** `import()`, loaded when the line runs. */
  lazy: boolean;
  line: number;
}

export interface Export {
  name: string;
  line: number;
  /** A type or an interface, which is not there at run time. */
  isType: boolean;
  /** For a re-export: where it comes from, and its name there (`"*"` for all). */
  from?: { specifier: string; name: string };
}

export interface ModuleSyntax {
  tokens: Token[];
  imports: Import[];
  exports: Export[];
  /** Files named by `new URL("./x.js", import.meta.url)` and the like. */
  fileReferences: string[];
}

interface Names {
  entries: { outer: string; local: string; typeOnly: boolean }[];
  end: number;
}

const declarations = new Set(
  "abstract async class const declare enum function interface let namespace type var".split(" "),
);

/** Reads imports, exports and references to files out of one module. */
export function readModuleSyntax(text: string): ModuleSyntax {
  const tokens = tokenize(text);
  const syntax: ModuleSyntax = { tokens, imports: [], exports: [], fileReferences: [] };
  let depth = 0;
  for (let at = 0; at < tokens.length; at += 1) {
    const { kind, text: token } = tokens[at]!;
    if (kind === "string" && /^\.{1,2}\/[^\s*]*\.[jt]s$/.test(token)) {
      syntax.fileReferences.push(token);
    }
    if (kind === "sign" && "{([".includes(token)) depth += 1;
    if (kind === "sign" && "})]".includes(token)) depth -= 1;
    if (kind !== "word" || textAt(tokens, at - 1) === ".") continue;
    if (token === "import") readImport(tokens, at, syntax);
    else if (token === "export" && depth === 0) readExport(tokens, at, syntax);
  }
  const imported = new Set(syntax.imports.map((entry) => entry.specifier));
  for (const { from } of syntax.exports) if (from) imported.add(from.specifier);
  syntax.fileReferences = syntax.fileReferences.filter((specifier) => !imported.has(specifier));
  return syntax;
}

function textAt(tokens: readonly Token[], at: number): string | undefined {
  return tokens[at]?.text;
}

function readImport(tokens: readonly Token[], start: number, syntax: ModuleSyntax): void {
  const { line } = tokens[start]!;
  const next = tokens[start + 1];
  const add = (specifier: string, rest: Partial<Import>) =>
    syntax.imports.push({ specifier, names: [], typeOnly: false, lazy: false, line, ...rest });
  if (next?.kind === "string") add(next.text, {});
  else if (next?.text === "(") {
    const argument = tokens[start + 2];
    // `import("x").Name` in a type and `await import("x")` look alike; both need the package.
    if (argument?.kind === "string") add(argument.text, { names: ["*"], lazy: true });
  } else if (next?.kind === "word" || /^[{*]$/.test(next?.text ?? "")) {
    const { names, typeOnly, end } = readClause(tokens, start + 1);
    const specifier = tokens[end + 1];
    if (specifier?.kind === "string") add(specifier.text, { names, typeOnly });
  }
  // Anything else is `import.meta`, or `import` as the name of a property.
}

/** Reads what stands between `import` and `from`, of which `end` is the position. */
function readClause(
  tokens: readonly Token[],
  start: number,
): { names: string[]; typeOnly: boolean; end: number } {
  const isTypeClause = textAt(tokens, start) === "type" && textAt(tokens, start + 1) !== "from";
  const names: string[] = [];
  let allTypes = true;
  let at = isTypeClause ? start + 1 : start;
  for (; at < tokens.length && textAt(tokens, at) !== "from"; at += 1) {
    const text = textAt(tokens, at)!;
    if (text === "{") {
      const list = readNames(tokens, at);
      names.push(...list.entries.map((entry) => entry.outer));
      allTypes &&= list.entries.every((entry) => entry.typeOnly);
      at = list.end;
    } else if (text === "*") {
      names.push("*");
      allTypes = false;
      at += 2;
    } else if (tokens[at]!.kind === "word") {
      names.push("default");
      allTypes = false;
    }
  }
  return { names, typeOnly: isTypeClause || allTypes, end: at };
}

/** Reads `{ a, type B, c as d }` from its opening brace; `outer` is the name in the other module. */
function readNames(tokens: readonly Token[], open: number): Names {
  const entries: Names["entries"] = [];
  let at = open + 1;
  while (at < tokens.length && textAt(tokens, at) !== "}") {
    const words: string[] = [];
    for (; at < tokens.length && !/^[,}]$/.test(textAt(tokens, at)!); at += 1) {
      words.push(textAt(tokens, at)!);
    }
    if (textAt(tokens, at) === ",") at += 1;
    const typeOnly = words[0] === "type" && words.length > 1 && words[1] !== "as";
    if (typeOnly) words.shift();
    if (words.length > 0) entries.push({ outer: words[0]!, local: words.at(-1)!, typeOnly });
  }
  return { entries, end: at };
}

function readExport(tokens: readonly Token[], start: number, syntax: ModuleSyntax): void {
  const line = tokens[start]!.line;
  let at = start + 1;
  const isType = /^(?:type|interface)$/.test(textAt(tokens, at) ?? "");
  if (isType && /^[{*]$/.test(textAt(tokens, at + 1) ?? "")) at += 1;
  const text = textAt(tokens, at);
  if (text === "default") syntax.exports.push({ name: "default", line, isType });
  else if (text === "*") readStarExport(tokens, at, syntax);
  else if (text === "{") {
    const { entries, end } = readNames(tokens, at);
    const source = textAt(tokens, end + 1) === "from" ? tokens[end + 2] : undefined;
    for (const { outer, local, typeOnly } of entries) {
      const from = source && { specifier: source.text, name: outer };
      const entry = { name: local, line, isType: isType || typeOnly };
      syntax.exports.push(from ? { ...entry, from } : entry);
    }
  } else {
    while (declarations.has(textAt(tokens, at) ?? "")) at += 1;
    if (textAt(tokens, at) === "*") at += 1;
    const name = tokens[at];
    if (name?.kind === "word") syntax.exports.push({ name: name.text, line, isType });
    else readDestructuredExport(tokens, at, syntax);
  }
}

function readStarExport(tokens: readonly Token[], star: number, syntax: ModuleSyntax): void {
  const named = textAt(tokens, star + 1) === "as";
  const source = tokens[star + (named ? 4 : 2)];
  if (source?.kind !== "string") return;
  syntax.exports.push({
    name: named ? textAt(tokens, star + 2)! : "*",
    line: tokens[star]!.line,
    isType: textAt(tokens, star - 1) === "type",
    from: { specifier: source.text, name: "*" },
  });
}

function readDestructuredExport(tokens: readonly Token[], at: number, syntax: ModuleSyntax): void {
  if (!/^[{[]$/.test(textAt(tokens, at) ?? "")) return;
  for (let next = at + 1; !/^[}\]]?$/.test(textAt(tokens, next) ?? ""); next += 1) {
    const token = tokens[next]!;
    if (token.kind === "word" && textAt(tokens, next + 1) !== ":") {
      syntax.exports.push({ name: token.text, line: token.line, isType: false });
    }
  }
}
