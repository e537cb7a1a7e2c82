// The rule for cores, as code: what a pure module must not contain, and the search for it in
// everything a core loads. Works on what the build emits, so types never count.

import type { Node } from "acorn";
import { type ModuleGraph, resolveSource } from "./module-graph.js";
import { parseModule, readBuiltModule, type TreeNode, visit } from "./syntax-tree.js";

interface Impurity {
  what: string;
  offset: number;
}

/** Names of the platform that reach for time, chance, the process, or a later turn. */
const impureGlobals = new Set([
  ..."Date Promise performance crypto process console globalThis global require".split(" "),
  ..."setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate".split(" "),
  ..."queueMicrotask fetch WebSocket EventSource Worker MessageChannel BroadcastChannel".split(" "),
  ..."AbortSignal AbortController eval Function navigator window self document".split(" "),
]);

/** Packages from outside that are data structures or codecs: no clock, no I/O. */
const purePackages = new Set(["msgpackr"]);

/** Finds what a pure module must not contain, in one program. */
function findImpurities(program: Node): Impurity[] {
  const found: Impurity[] = [];
  const declared = declaredNames(program);
  const add = (what: string, node: TreeNode) => found.push({ what, offset: node.start });
  visit(program, (node, parents) => {
    const parent = parents.at(-1);
    if (node.async === true) add("an async function", node);
    else if (node.type === "AwaitExpression") add("await", node);
    else if (node.type === "ForOfStatement" && node.await === true) add("for await", node);
    else if (node.type === "ImportExpression") add("import()", node);
    else if (node.type === "MetaProperty" && isImportMeta(node)) add("import.meta", node);
    else if (isMathRandom(node)) add("Math.random", node);
    else if (node.type === "Identifier" && isReference(node, parent)) {
      const name = node.name as string;
      if (impureGlobals.has(name) && !declared.has(name)) add(name, node);
    }
  });
  return found;
}

function isImportMeta(node: TreeNode): boolean {
  return (node.meta as TreeNode).name === "import";
}

function isMathRandom(node: TreeNode): boolean {
  if (node.type !== "MemberExpression") return false;
  const [object, property] = [node.object as TreeNode, node.property as TreeNode];
  return object.name === "Math" && (property.name === "random" || property.value === "random");
}

/** Whether an identifier reads or writes a variable, rather than naming a property. */
function isReference(node: TreeNode, parent: TreeNode | undefined): boolean {
  if (parent === undefined) return true;
  switch (parent.type) {
    case "MemberExpression":
      return parent.object === node || parent.computed === true;
    case "Property":
      return parent.value === node || parent.computed === true;
    case "MethodDefinition":
    case "PropertyDefinition":
      return parent.value === node || parent.computed === true;
    case "ImportSpecifier":
    case "ExportSpecifier":
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
      return false;
    default:
      return true;
  }
}

/** Names that the module binds itself, at any depth. */
function declaredNames(program: Node): Set<string> {
  const names = new Set<string>();
  visit(program, (node) => {
    if (node.type === "VariableDeclarator") addPattern(node.id, names);
    else if (node.type === "CatchClause") addPattern(node.param, names);
    else if (/^Import\w*Specifier$/.test(node.type)) addPattern(node.local, names);
    else if (/Function|^Class(?:Declaration|Expression)$/.test(node.type)) {
      addPattern(node.id, names);
      for (const parameter of (node.params as unknown[] | undefined) ?? []) {
        addPattern(parameter, names);
      }
    }
  });
  return names;
}

function addPattern(pattern: unknown, names: Set<string>): void {
  const node = pattern as TreeNode | null | undefined;
  if (node === null || node === undefined) return;
  if (node.type === "Identifier") names.add(node.name as string);
  else if (node.type === "AssignmentPattern") addPattern(node.left, names);
  else if (node.type === "RestElement") addPattern(node.argument, names);
  else if (node.type === "ArrayPattern") {
    for (const element of node.elements as unknown[]) addPattern(element, names);
  } else if (node.type === "ObjectPattern") {
    for (const property of node.properties as TreeNode[]) {
      addPattern(property.type === "Property" ? property.value : property, names);
    }
  }
}

/** Specifiers that a program loads at run time. */
function loadedSpecifiers(program: Node): string[] {
  const specifiers: string[] = [];
  visit(program, (node) => {
    const source = node.source as TreeNode | null | undefined;
    if (/^(?:Import|Export)/.test(node.type) && typeof source?.value === "string") {
      specifiers.push(source.value);
    }
  });
  return specifiers;
}

/** Finds the impurities of JavaScript given as text. */
export function impuritiesOfText(text: string): string[] {
  return findImpurities(parseModule(text)).map((impurity) => impurity.what);
}

/**
 * Checks modules and all they load.
 *
 * @param graph - all modules
 * @param roots - paths of the sources that must be pure
 * @returns one line per offence, with the way from a root to the module
 */
export function findTransitiveImpurities(graph: ModuleGraph, roots: readonly string[]): string[] {
  const offences: string[] = [];
  const cameFrom = new Map<string, string | undefined>(roots.map((root) => [root, undefined]));
  const queue = [...roots];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const way = wayTo(path, cameFrom);
    const built = readBuiltModule(path);
    if (built === undefined) {
      offences.push(`${path}: is not built, run the build first${way}`);
      continue;
    }
    for (const { what, offset } of findImpurities(built.program)) {
      offences.push(`${path}:${built.sourceLine(offset)}: uses ${what}${way}`);
    }
    for (const specifier of loadedSpecifiers(built.program)) {
      const target = resolveSource(graph, path, specifier);
      if (target === undefined && !purePackages.has(specifier)) {
        offences.push(`${path}: loads ${specifier}, which is not known to be pure${way}`);
      } else if (target !== undefined && !cameFrom.has(target)) {
        cameFrom.set(target, path);
        queue.push(target);
      }
    }
  }
  return offences.sort();
}

function wayTo(path: string, cameFrom: ReadonlyMap<string, string | undefined>): string {
  const steps: string[] = [];
  for (let step = cameFrom.get(path); step !== undefined; step = cameFrom.get(step)) {
    steps.push(step);
  }
  return steps.length === 0 ? "" : ` [loaded by ${steps.join(" ← ")}]`;
}
