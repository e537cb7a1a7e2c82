// Parses JavaScript: the text of one function, in whatever place it was written, and whole
// scripts. Nodes are acorn's; the rest of the package sees them through these types.

import { createRequire } from "node:module";
import type { AnyNode, Options, Program } from "acorn";
import { serializeLimits } from "../limits.js";
import { LruMap } from "../lru-map.js";
import type { LoadedScript } from "./inspect.js";

export type { AnyNode, Program } from "acorn";

export type FunctionNode = Extract<
  AnyNode,
  { type: "FunctionDeclaration" | "FunctionExpression" | "ArrowFunctionExpression" }
>;
export type ClassNode = Extract<AnyNode, { type: "ClassDeclaration" | "ClassExpression" }>;

/** The text of a function, understood. Positions of nodes count from `offset` into the text. */
export interface ParsedFunction {
  readonly node: FunctionNode | ClassNode;
  /** Where the text was written: on its own, as a method of an object, or as part of a class. */
  readonly place: "expression" | "method" | "getter" | "setter" | "member";
  /** The key of a method, undefined for the others. */
  readonly key: { readonly node: AnyNode; readonly computed: boolean } | undefined;
  /** Characters in front of the text that was parsed. */
  readonly offset: number;
  readonly strictOnly: boolean;
}

const require = createRequire(import.meta.url);
let loaded: typeof import("acorn") | undefined;

/** Executors, which read functions, never parse: the parser is loaded by whoever sends some. */
function acorn(): typeof import("acorn") {
  loaded ??= require("acorn") as typeof import("acorn");
  return loaded;
}

const lenient: Options = {
  ecmaVersion: "latest",
  allowSuperOutsideMethod: true,
  allowHashBang: true,
  allowAwaitOutsideFunction: true,
  allowReturnOutsideFunction: true,
  checkPrivateFields: false,
};

const attempts = [
  { before: "(", after: "\n)", place: "expression" },
  { before: "({", after: "\n})", place: "method" },
  { before: "(class extends Object{", after: "\n})", place: "member" },
] as const;

/** Parses what `Function.prototype.toString` gave; undefined when no way of reading it fits. */
export function parseFunctionText(text: string): ParsedFunction | undefined {
  for (const attempt of attempts) {
    for (const sourceType of ["module", "script"] as const) {
      const program = tryParse(`${attempt.before}${text}${attempt.after}`, sourceType);
      const parsed = program && understand(program, attempt);
      if (parsed !== undefined) return { ...parsed, strictOnly: sourceType === "module" };
    }
  }
  return undefined;
}

function understand(
  program: Program,
  { before, place }: (typeof attempts)[number],
): Omit<ParsedFunction, "strictOnly"> | undefined {
  const statement = program.body[0];
  if (program.body.length !== 1 || statement?.type !== "ExpressionStatement") return undefined;
  const expression = statement.expression as AnyNode;
  const offset = before.length;
  if (place === "expression") {
    if (!isFunction(expression) && !isClass(expression)) return undefined;
    return { node: expression, place, key: undefined, offset };
  }
  const member = memberOf(expression);
  if (member === undefined) return undefined;
  const key = { node: member.key as AnyNode, computed: member.computed };
  const where = member.kind === "get" ? "getter" : member.kind === "set" ? "setter" : place;
  return { node: member.value, place: where, key, offset };
}

function memberOf(
  expression: AnyNode,
): { key: unknown; computed: boolean; kind: string; value: FunctionNode } | undefined {
  const list: readonly AnyNode[] =
    expression.type === "ObjectExpression"
      ? expression.properties
      : expression.type === "ClassExpression"
        ? expression.body.body
        : [];
  const [only] = list;
  if (list.length !== 1 || only === undefined) return undefined;
  if (only.type !== "Property" && only.type !== "MethodDefinition") return undefined;
  const value = only.value as AnyNode;
  if (!isFunction(value)) return undefined;
  return { key: only.key, computed: only.computed, kind: only.kind, value };
}

const programs = new LruMap<string, Program | undefined>(serializeLimits.parsedScripts);

/** The syntax tree of a whole script, kept; undefined when acorn cannot read it. */
export function parseScript(script: LoadedScript): Program | undefined {
  if (programs.has(script.id)) return programs.get(script.id);
  const program =
    tryParse(script.source, script.isModule ? "module" : "script") ??
    tryParse(script.source, "module");
  programs.set(script.id, program);
  return program;
}

function tryParse(text: string, sourceType: "module" | "script"): Program | undefined {
  const { parse } = acorn();
  try {
    return parse(text, { ...lenient, sourceType });
  } catch {
    return undefined;
  }
}

export function isFunction(node: AnyNode): node is FunctionNode {
  return (
    node.type === "FunctionDeclaration" ||
    node.type === "FunctionExpression" ||
    node.type === "ArrowFunctionExpression"
  );
}

export function isClass(node: AnyNode): node is ClassNode {
  return node.type === "ClassDeclaration" || node.type === "ClassExpression";
}

/** The nodes directly below a node. */
export function childrenOf(node: AnyNode): AnyNode[] {
  const children: AnyNode[] = [];
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) children.push(item);
    } else if (isNode(value)) children.push(value);
  }
  return children;
}

function isNode(value: unknown): value is AnyNode {
  return (
    typeof value === "object" && value !== null && typeof Reflect.get(value, "type") === "string"
  );
}
