// Finds, in the syntax tree of a whole script, what a name means at a place: the declaration that
// binds it. Tells imports from variables and constants from the rest.

import {
  type Declaration,
  type Declarations,
  declareBlock,
  declareHoisted,
  declarePattern,
  hasUseStrict,
} from "./declarations.js";
import { type AnyNode, childrenOf, isClass, isFunction, type Program } from "./syntax.js";

/** The nodes around a place in a script, outermost first. */
export function enclosingNodes(program: Program, offset: number): AnyNode[] {
  const path: AnyNode[] = [program];
  for (let at: AnyNode | undefined = program; at !== undefined; ) {
    at = childrenOf(at).find((child) => child.start <= offset && offset < child.end);
    if (at !== undefined) path.push(at);
  }
  return path;
}

/** The declaration a name refers to at the innermost of these nodes. */
export function findBinding(around: readonly AnyNode[], name: string): Declaration | undefined {
  for (let index = around.length - 1; index >= 0; index--) {
    const node = around[index] as AnyNode;
    const found = declarationsOf(node, strictAt(around.slice(0, index + 1))).get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** True when code inside these nodes is strict: a class, or a "use strict" on the way. */
export function strictAt(around: readonly AnyNode[]): boolean {
  return around.some((node) => {
    if (isClass(node)) return true;
    if (node.type === "Program") return node.sourceType === "module" || hasUseStrict(node.body);
    return isFunction(node) && node.body.type === "BlockStatement" && hasUseStrict(node.body.body);
  });
}

/** True when code of the script assigns a variable of this name after declaring it. */
export function isReassigned(program: AnyNode, name: string): boolean {
  if (program.type === "AssignmentExpression" || program.type === "UpdateExpression") {
    const target = program.type === "UpdateExpression" ? program.argument : program.left;
    const names: Declarations = new Map();
    declarePattern(target, { kind: "var", node: target }, names);
    if (names.has(name)) return true;
  }
  return childrenOf(program).some((child) => isReassigned(child, name));
}

const cache = new WeakMap<AnyNode, Declarations>();

function declarationsOf(node: AnyNode, strict: boolean): Declarations {
  let names = cache.get(node);
  if (names === undefined) {
    names = new Map();
    declare(node, strict, names);
    cache.set(node, names);
  }
  return names;
}

function declare(node: AnyNode, strict: boolean, names: Declarations): void {
  if (isFunction(node)) {
    if (node.type === "FunctionExpression" && node.id) {
      names.set(node.id.name, { kind: "function", node });
    }
    for (const parameter of node.params) {
      declarePattern(parameter, { kind: "parameter", node: parameter }, names);
    }
    if (node.body.type === "BlockStatement") declareHoisted(node.body.body, strict, names);
  } else if (isClass(node)) {
    if (node.id) names.set(node.id.name, { kind: "class", node });
  } else if (node.type === "Program") {
    declareHoisted(node.body, strict, names);
    declareBlock(node.body, names);
  } else if (node.type === "BlockStatement" || node.type === "StaticBlock") {
    if (node.type === "StaticBlock") declareHoisted(node.body, true, names);
    declareBlock(node.body, names);
  } else if (node.type === "SwitchStatement") {
    for (const branch of node.cases) declareBlock(branch.consequent, names);
  } else if (node.type === "CatchClause") {
    declarePattern(node.param ?? null, { kind: "catch", node }, names);
  } else if (node.type === "ForStatement" && node.init) declareBlock([node.init], names);
  else if (node.type === "ForInStatement" || node.type === "ForOfStatement") {
    declareBlock([node.left], names);
  }
}
