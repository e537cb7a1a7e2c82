// Turns the declaration of an imported name into a record the other process can import by:
// import statements, require calls with their compilers' wrappers, and vite's module calls.

import type { Declaration } from "./declarations.js";
import { resolveSpecifier } from "./specifiers.js";
import type { AnyNode } from "./syntax.js";

/** How a CommonJS module becomes a namespace; compilers disagree. */
export type Interop = "none" | "esbuild" | "esbuildNode" | "star" | "default";

/** How the other process gets one imported name. */
export interface ImportRecord {
  /** The name inside the function. */
  readonly local: string;
  readonly kind: "import" | "require";
  /** A file: URL, a node: module, or a bare name resolved from the original module. */
  readonly specifier: string;
  /** Property path into the module; empty for the module itself. */
  readonly path: readonly string[];
  readonly interop: Interop;
}

/** The import record of a binding; undefined when it is an ordinary variable. */
export function importRecord(
  local: string,
  binding: Declaration,
  moduleUrl: string,
): ImportRecord | undefined {
  if (binding.kind === "import") return fromStatement(local, binding, moduleUrl);
  const { node } = binding;
  if (node.type !== "VariableDeclarator" || !node.init) return undefined;
  const path = patternPath(node.id, local);
  const source = path && moduleCall(node.init);
  if (source === undefined || path === undefined) return undefined;
  return {
    local,
    kind: source.kind,
    specifier: resolveSpecifier(source.specifier, moduleUrl),
    path: [...source.path, ...path],
    interop: source.interop,
  };
}

function fromStatement(
  local: string,
  { node, statement }: Declaration,
  moduleUrl: string,
): ImportRecord | undefined {
  if (statement?.type !== "ImportDeclaration") return undefined;
  const specifier = resolveSpecifier(String(statement.source.value), moduleUrl);
  const record = { local, kind: "import", specifier, interop: "none" } as const;
  if (node.type === "ImportNamespaceSpecifier") return { ...record, path: [] };
  if (node.type === "ImportDefaultSpecifier") return { ...record, path: ["default"] };
  if (node.type !== "ImportSpecifier") return undefined;
  const { imported } = node;
  const name = imported.type === "Identifier" ? imported.name : String(imported.value);
  return { ...record, path: [name] };
}

/** The path from a destructured value to one of the names it declares. */
function patternPath(pattern: AnyNode, local: string): string[] | undefined {
  if (pattern.type === "Identifier") return pattern.name === local ? [] : undefined;
  if (pattern.type !== "ObjectPattern") return undefined;
  for (const property of pattern.properties) {
    if (property.type !== "Property" || property.computed) continue;
    const rest = patternPath(property.value, local);
    const key = property.key.type === "Identifier" ? property.key.name : undefined;
    if (rest !== undefined && key !== undefined) return [key, ...rest];
  }
  return undefined;
}

interface ModuleCall {
  readonly kind: "import" | "require";
  readonly specifier: string;
  readonly path: readonly string[];
  readonly interop: Interop;
}

const interops: Readonly<Record<string, Interop>> = {
  __toESM: "esbuild",
  __importStar: "star",
  _interopRequireWildcard: "star",
  __importDefault: "default",
  _interopRequireDefault: "default",
};

/** Recognises an initialiser that loads a module; anything else is an ordinary value. */
function moduleCall(node: AnyNode): ModuleCall | undefined {
  if (node.type === "AwaitExpression") {
    const call = moduleCall(node.argument);
    return call?.kind === "import" ? call : undefined;
  }
  if (node.type === "ImportExpression") return imported(node.source);
  if (node.type === "MemberExpression" && !node.computed && node.property.type === "Identifier") {
    const call = moduleCall(node.object);
    return call && { ...call, path: [...call.path, node.property.name] };
  }
  if (node.type === "SequenceExpression") return moduleCall(node.expressions.at(-1) as AnyNode);
  if (node.type !== "CallExpression") return undefined;
  const name = calleeName(node.callee);
  const [first, second] = node.arguments;
  if (name === undefined || first === undefined) return undefined;
  if (name === "__vite_ssr_import__" || name === "__vite_ssr_dynamic_import__") {
    return imported(first);
  }
  if (name === "require") return required(first);
  const interop = interops[name];
  if (interop === undefined) return undefined;
  const call = moduleCall(first);
  if (call === undefined || call.path.length > 0) return undefined;
  return { ...call, interop: interop === "esbuild" && second ? "esbuildNode" : interop };
}

function calleeName(callee: AnyNode): string | undefined {
  if (callee.type === "Identifier") return callee.name;
  if (callee.type === "MemberExpression" && callee.property.type === "Identifier") {
    return interops[callee.property.name] === undefined ? undefined : callee.property.name;
  }
  return undefined;
}

function imported(source: AnyNode): ModuleCall | undefined {
  if (source.type !== "Literal" || typeof source.value !== "string") return undefined;
  return { kind: "import", specifier: source.value, path: [], interop: "none" };
}

function required(source: AnyNode): ModuleCall | undefined {
  if (source.type !== "Literal" || typeof source.value !== "string") return undefined;
  return { kind: "require", specifier: source.value, path: [], interop: "none" };
}
