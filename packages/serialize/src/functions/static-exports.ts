// Finds under which name a script exports the function at a position, by syntax alone: used where
// the module cannot be imported to compare identities. Always by position, never by name: a
// closure may carry the name of an export it is not.

import {
  type AnyNode,
  type ClassNode,
  childrenOf,
  isClass,
  isFunction,
  type Program,
} from "./syntax.js";

/** Path of the export whose value is the function at `offset`; undefined when there is none. */
export function staticExport(program: Program, offset: number): string[] | undefined {
  for (const [name, value] of exportedValues(program)) {
    const path = pathTo(value, offset, 0);
    if (path !== undefined) return [name, ...path];
  }
  return undefined;
}

const searchDepth = 1;

/** Path from an exported expression to the function whose own text holds the position. */
function pathTo(value: AnyNode, offset: number, depth: number): string[] | undefined {
  if (offset < value.start || offset >= value.end) return undefined;
  if (isFunction(value)) return isFurtherIn(value, offset) ? undefined : [];
  if (isClass(value)) {
    const atHead = offset <= value.body.start && !isFurtherIn(value, offset);
    if (atHead || isInConstructorHead(value, offset)) return [];
    return depth < searchDepth ? memberPath(value.body.body, offset, depth) : undefined;
  }
  if (value.type !== "ObjectExpression" || depth >= searchDepth) return undefined;
  return memberPath(value.properties, offset, depth);
}

// V8 places a class at its keyword, or at its constructor when it has one.
function isInConstructorHead(node: ClassNode, offset: number): boolean {
  const constructors = node.body.body.filter(
    (member) => member.type === "MethodDefinition" && member.kind === "constructor",
  );
  return constructors.some(
    (member) =>
      member.type === "MethodDefinition" &&
      offset >= member.start &&
      offset <= member.value.body.start &&
      !isFurtherIn(member.value, offset),
  );
}

/** True when the position is that of a function or class within: in the body, or in a default. */
function isFurtherIn(node: AnyNode, offset: number): boolean {
  return childrenOf(node).some((child) => {
    if (offset < child.start || offset >= child.end) return false;
    return isFunction(child) || isClass(child) || isFurtherIn(child, offset);
  });
}

function memberPath(
  members: readonly AnyNode[],
  offset: number,
  depth: number,
): string[] | undefined {
  for (const member of members) {
    const isProperty = member.type === "Property" && member.kind === "init";
    const isStatic =
      (member.type === "MethodDefinition" && member.kind === "method" && member.static) ||
      (member.type === "PropertyDefinition" && member.static);
    if ((!isProperty && !isStatic) || member.computed || member.key.type !== "Identifier") continue;
    const path = member.value ? pathTo(member.value, offset, depth + 1) : undefined;
    if (path !== undefined) return [member.key.name, ...path];
  }
  return undefined;
}

/** Exported names with the syntax of their values: functions, classes and constants only. */
function exportedValues(program: Program): Map<string, AnyNode> {
  const statements = topLevel(program);
  const locals = localValues(statements);
  const exports = new Map<string, AnyNode>();
  const add = (name: string, value: AnyNode | null | undefined) => {
    const known = value?.type === "Identifier" ? locals.get(value.name) : value;
    if (known) exports.set(name, known);
  };
  for (const statement of statements) {
    if (statement.type === "ExportDefaultDeclaration") add("default", statement.declaration);
    else if (statement.type === "ExportNamedDeclaration" && statement.declaration) {
      for (const [name] of localValues([statement.declaration])) add(name, locals.get(name));
    } else if (statement.type === "ExportNamedDeclaration" && !statement.source) {
      for (const { exported, local } of statement.specifiers) {
        const name = exported.type === "Identifier" ? exported.name : String(exported.value);
        if (local.type === "Identifier") add(name, locals.get(local.name));
      }
    } else if (statement.type === "ExpressionStatement") viteExport(statement.expression, add);
  }
  return exports;
}

/** `__vite_ssr_exportName__("name", () => value)` and the older defineProperty form. */
function viteExport(
  call: AnyNode,
  add: (name: string, value: AnyNode | null | undefined) => void,
): void {
  if (call.type !== "CallExpression") return;
  const isNew = call.callee.type === "Identifier" && call.callee.name === "__vite_ssr_exportName__";
  const [first, second, third] = call.arguments;
  const name = isNew ? first : second;
  if (name?.type !== "Literal" || typeof name.value !== "string") return;
  if (isNew) add(name.value, returned(second));
  else if (first?.type === "Identifier" && first.name === "__vite_ssr_exports__") {
    for (const property of third?.type === "ObjectExpression" ? third.properties : []) {
      if (property.type === "Property") add(name.value, returned(property.value));
    }
  }
}

/** What a getter function returns: `() => x`, or `() => { try { return x } catch {} }`. */
function returned(getter: AnyNode | undefined): AnyNode | undefined {
  if (getter === undefined || !isFunction(getter)) return undefined;
  if (getter.body.type !== "BlockStatement") return getter.body;
  const queue: AnyNode[] = [getter.body];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    if (at.type === "ReturnStatement") return at.argument ?? undefined;
    if (!isFunction(at)) queue.push(...childrenOf(at));
  }
  return undefined;
}

/** Statements of a module, also where a tool wrapped them in functions and blocks. */
function topLevel(program: Program): AnyNode[] {
  const statements: AnyNode[] = [];
  const visit = (body: readonly AnyNode[], depth: number) => {
    for (const statement of body) {
      statements.push(statement);
      if (depth >= 3) continue;
      if (statement.type === "BlockStatement") visit(statement.body, depth + 1);
      const wrapped = statement.type === "ExpressionStatement" ? statement.expression : undefined;
      const inner = wrapped?.type === "CallExpression" ? wrapped.callee : wrapped;
      if (inner && isFunction(inner) && inner.body.type === "BlockStatement") {
        visit(inner.body.body, depth + 1);
      }
    }
  };
  visit(program.body, 0);
  return statements;
}

/** Names whose value is known for good: functions, classes, constants. */
function localValues(statements: readonly AnyNode[]): Map<string, AnyNode> {
  const values = new Map<string, AnyNode>();
  for (const wrapped of statements) {
    const inner =
      wrapped.type === "ExportNamedDeclaration" || wrapped.type === "ExportDefaultDeclaration"
        ? (wrapped.declaration as AnyNode | null)
        : wrapped;
    if (inner?.type === "VariableDeclaration" && inner.kind === "const") {
      for (const { id, init } of inner.declarations) {
        if (id.type === "Identifier" && init) values.set(id.name, init);
      }
    } else if (inner && (isFunction(inner) || isClass(inner)) && "id" in inner && inner.id) {
      values.set(inner.id.name, inner);
    }
  }
  return values;
}
