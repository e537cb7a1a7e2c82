// Decides, for every free name of a function, what travels for it: an import record, the value it
// holds now, nothing because every process has it, or an error that says why it cannot.

import { FunctionShipError, type ShipErrorCode } from "../ship-error.js";
import { type Anatomy, examine } from "./anatomy.js";
import { findBinding, isReassigned } from "./bindings.js";
import { importedName, perWorkerFactory } from "./branding.js";
import { builtinReference } from "./builtins.js";
import type { Declaration } from "./declarations.js";
import type { FreeVariables } from "./free-variables.js";
import { globalNames, moduleNames } from "./global-names.js";
import { type ImportRecord, importRecord } from "./import-records.js";
import { type AnyNode, isFunction } from "./syntax.js";

/** A constant that is made again from its initialiser. */
export interface RecreatedConstant {
  readonly name: string;
  readonly initialiser: AnyNode;
}

/** What the free names of a function stand for. */
export interface Captures {
  readonly imports: ImportRecord[];
  readonly values: { readonly name: string; readonly value: unknown }[];
  readonly recreated: RecreatedConstant[];
  /** Names the loader of the other process must provide, such as `require`. */
  readonly provided: string[];
}

const viteNames: ReadonlySet<string> = new Set([
  "__vite_ssr_import_meta__",
  "__vite_ssr_dynamic_import__",
]);

/** Resolves every free name; `path` says how the function was reached, for messages. */
export function resolveCaptures(
  anatomy: Anatomy,
  free: FreeVariables,
  path: readonly string[],
): Captures {
  const captures: Captures = { imports: [], values: [], recreated: [], provided: [] };
  for (const name of free.names) resolveName(name, { anatomy, free, path, captures });
  return captures;
}

interface Question {
  readonly anatomy: Anatomy;
  readonly free: FreeVariables;
  readonly path: readonly string[];
  readonly captures: Captures;
}

function resolveName(name: string, question: Question): void {
  const { anatomy, captures } = question;
  if (viteNames.has(name)) {
    captures.provided.push(name);
    return;
  }
  const binding = findBinding(anatomy.around, name);
  // `exports` is captured: compilers read exported variables through it.
  const ofModule = binding === undefined || isViteParameter(binding, anatomy);
  const provided = ofModule && moduleNames.has(name) && name !== "exports";
  if (provided && !anatomy.script.isModule) {
    captures.provided.push(name);
    return;
  }
  const record = binding && importRecord(name, binding, anatomy.url);
  if (record !== undefined) {
    captures.imports.push(record);
    return;
  }
  const scope = scopeOf(name, anatomy);
  if (scope === undefined) resolveUnscoped(name, question);
  else captureValue(name, binding, scope, question);
}

/** True for a parameter of the function that vite puts around a module. */
function isViteParameter({ kind, node }: Declaration, { around }: Anatomy): boolean {
  const wrapper = around.find(isFunction);
  if (kind !== "parameter" || wrapper === undefined || !wrapper.params.includes(node as never)) {
    return false;
  }
  return wrapper.params.some(
    (parameter) => parameter.type === "Identifier" && parameter.name === "__vite_ssr_import__",
  );
}

/** The innermost scope that holds a name; the global object only for interactive programs. */
function scopeOf(name: string, anatomy: Anatomy): Record<string, unknown> | undefined {
  const held = anatomy.scopes.filter(
    ({ kind, variables }) => !kind.startsWith("Global") && Object.hasOwn(variables, name),
  );
  const [innermost] = held;
  if (innermost !== undefined) return innermost.variables;
  if (!isInteractive(anatomy.url) || globalNames.has(name)) return undefined;
  const globals = globalThis as unknown as Record<string, unknown>;
  return Object.hasOwn(globals, name) ? globals : undefined;
}

// At a prompt and under `node -e`, declarations of the user become properties of the global.
function isInteractive(url: string): boolean {
  return /^(REPL\d*|\[eval\d*\]|\[stdin\]|evalmachine)/.test(url);
}

function resolveUnscoped(name: string, question: Question): void {
  if (globalNames.has(name)) return;
  if (moduleNames.has(name) && !question.anatomy.script.isModule) {
    question.captures.provided.push(name);
    return;
  }
  if (isNewerGlobal(name)) return;
  if (name in globalThis) {
    throw refusal(question, "USER_GLOBAL", {
      what: `it uses the global variable '${name}', which this program defined on globalThis`,
      hint: `workers do not have it: pass '${name}' as an argument, or import it from a module`,
    });
  }
  if (question.free.typeofOnly.has(name)) return;
  throw refusal(question, "UNRESOLVED", {
    what: `it uses the variable '${name}', which has no value here: undeclared or optimised away`,
    hint: `declare or import '${name}' in the module of the function`,
  });
}

// A version of node younger than our list of names may offer more classes and functions.
function isNewerGlobal(name: string): boolean {
  const value: unknown = Object.getOwnPropertyDescriptor(globalThis, name)?.value;
  return typeof value === "function" && value.name === name && isPlatformCode(value);
}

function isPlatformCode(value: object): boolean {
  const examined = examine(value);
  if (examined.kind === "native") return true;
  return examined.kind === "script" && examined.anatomy.url.startsWith("node:");
}

function captureValue(
  name: string,
  binding: Declaration | undefined,
  variables: Record<string, unknown>,
  question: Question,
): void {
  let value: unknown;
  try {
    value = variables[name];
  } catch {
    throw notInitialised(name, question);
  }
  if (value === undefined && mustHaveValue(name, binding, question.anatomy))
    throw notInitialised(name, question);
  const initialiser =
    typeof value === "function" && isConstant(name, binding, question.anatomy)
      ? recreatable(value, binding)
      : undefined;
  const members = binding === undefined && name === "exports" ? question.free.members : undefined;
  const needed = partOf(value, members?.get(name));
  if (initialiser === undefined) question.captures.values.push({ name, value: needed });
  else question.captures.recreated.push({ name, initialiser });
}

/** Only the exports that are used: others may be large, or alive. */
function partOf(value: unknown, members: ReadonlySet<string> | undefined): unknown {
  if (members === undefined || typeof value !== "object" || value === null) return value;
  const used = [...members].filter((key) => Object.hasOwn(value, key));
  return Object.fromEntries(used.map((key) => [key, Reflect.get(value, key)]));
}

// Older engines show a variable that is not initialised yet as undefined.
function mustHaveValue(name: string, binding: Declaration | undefined, anatomy: Anatomy): boolean {
  if (binding?.kind === "class") return true;
  if (binding === undefined || binding.kind === "var") return false;
  if (!isConstant(name, binding, anatomy) || binding.node.type !== "VariableDeclarator")
    return false;
  const { id, init } = binding.node;
  if (id.type !== "Identifier" || !init) return false;
  return /^(Arrow)?Function|^(Class|Object|Array|New|Template)|^Literal$/.test(init.type);
}

// Bundlers turn constants into `var`; what nobody assigns again is still one.
function isConstant(name: string, binding: Declaration | undefined, { around }: Anatomy): boolean {
  if (binding?.kind === "const") return true;
  const [program] = around;
  const variable = binding?.kind === "var" || binding?.kind === "let";
  return variable && program !== undefined && !isReassigned(program, name);
}

/** The initialiser of a constant that holds a function made by node itself, as promisify does. */
function recreatable(value: object, binding: Declaration | undefined): AnyNode | undefined {
  if (binding?.node.type !== "VariableDeclarator") return undefined;
  const { id, init } = binding.node;
  if (id.type !== "Identifier" || init?.type !== "CallExpression") return undefined;
  if (builtinReference(value) !== undefined) return undefined;
  if (importedName(value) !== undefined || perWorkerFactory(value) !== undefined) return undefined;
  return isPlatformCode(value) ? init : undefined;
}

function notInitialised(name: string, question: Question): FunctionShipError {
  return refusal(question, "NOT_INITIALISED", {
    what: `it uses '${name}', which is not initialised yet at this point of the program`,
    hint: `send the function after the declaration of '${name}' has run`,
  });
}

function refusal(
  { anatomy, path }: Question,
  code: ShipErrorCode,
  { what, hint }: { what: string; hint: string },
): FunctionShipError {
  const text = `the function at ${anatomy.location} cannot be sent: ${what}`;
  return new FunctionShipError(code, { what: text, hint, path, location: anatomy.location });
}
