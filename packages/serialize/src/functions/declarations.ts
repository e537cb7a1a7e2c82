// Which names a piece of syntax declares, and how: the one place that knows JavaScript's rules of
// hoisting. Used for free variables of a function and for finding bindings in a script.

import { type AnyNode, childrenOf, isClass, isFunction } from "./syntax.js";

export type DeclarationKind =
  | "import"
  | "const"
  | "let"
  | "var"
  | "function"
  | "class"
  | "parameter"
  | "catch";

/** One declared name. */
export interface Declaration {
  readonly kind: DeclarationKind;
  /** The declarator, import specifier, function, class or pattern that declares it. */
  readonly node: AnyNode;
  /** For imports: the whole import declaration. */
  readonly statement?: AnyNode | undefined;
}

export type Declarations = Map<string, Declaration>;

/** Names declared by the statements of a block: let, const, class, and functions. */
export function declareBlock(body: readonly AnyNode[], into: Declarations): void {
  for (const statement of body) declareLexical(unwrapExport(statement), into);
}

function declareLexical(statement: AnyNode, into: Declarations): void {
  if (statement.type === "VariableDeclaration" && statement.kind !== "var") {
    const kind = statement.kind === "const" ? "const" : "let";
    for (const node of statement.declarations) {
      declarePattern(node.id, { kind, node }, into);
    }
  } else if (isClass(statement) && statement.id) {
    into.set(statement.id.name, { kind: "class", node: statement });
  } else if (isFunction(statement) && "id" in statement && statement.id) {
    into.set(statement.id.name, { kind: "function", node: statement });
  } else if (statement.type === "LabeledStatement") declareLexical(statement.body, into);
  else if (statement.type === "ImportDeclaration") {
    for (const node of statement.specifiers) {
      into.set(node.local.name, { kind: "import", node, statement });
    }
  }
}

function unwrapExport(statement: AnyNode): AnyNode {
  if (
    statement.type === "ExportNamedDeclaration" ||
    statement.type === "ExportDefaultDeclaration"
  ) {
    return (statement.declaration as AnyNode | null) ?? statement;
  }
  return statement;
}

/**
 * Names hoisted to the function around: every `var`, and in sloppy code the functions declared in
 * nested blocks (which old code relies on).
 */
export function declareHoisted(
  body: readonly AnyNode[],
  strict: boolean,
  into: Declarations,
): void {
  for (const statement of body) hoist(unwrapExport(statement), strict, into, false);
}

function hoist(node: AnyNode, strict: boolean, into: Declarations, nested: boolean): void {
  if (node.type === "VariableDeclaration") {
    if (node.kind === "var") {
      for (const declarator of node.declarations) {
        declarePattern(declarator.id, { kind: "var", node: declarator }, into);
      }
    }
    return;
  }
  if (isFunction(node)) {
    const plain = node.type === "FunctionDeclaration" && !node.async && !node.generator;
    if (nested && !strict && plain && node.id && !into.has(node.id.name)) {
      into.set(node.id.name, { kind: "function", node });
    }
    return;
  }
  if (isClass(node) || isExpression(node)) return;
  for (const child of childrenOf(node)) hoist(child, strict, into, true);
}

function isExpression(node: AnyNode): boolean {
  return node.type.endsWith("Expression") || node.type.endsWith("Literal");
}

/** Names bound by a pattern. */
export function declarePattern(
  pattern: AnyNode | null,
  declaration: Declaration,
  into: Declarations,
): void {
  switch (pattern?.type) {
    case "Identifier":
      into.set(pattern.name, declaration);
      return;
    case "ObjectPattern":
      for (const property of pattern.properties) {
        const target = property.type === "RestElement" ? property.argument : property.value;
        declarePattern(target, declaration, into);
      }
      return;
    case "ArrayPattern":
      for (const element of pattern.elements) declarePattern(element, declaration, into);
      return;
    case "AssignmentPattern":
      declarePattern(pattern.left, declaration, into);
      return;
    case "RestElement":
      declarePattern(pattern.argument, declaration, into);
      return;
    default:
  }
}

/** True when a function body or program begins with the directive "use strict". */
export function hasUseStrict(body: readonly AnyNode[]): boolean {
  for (const statement of body) {
    if (statement.type !== "ExpressionStatement" || !("directive" in statement)) return false;
    if (statement.directive === "use strict") return true;
  }
  return false;
}
