// Recognises what every process has: globals such as Math.sqrt and exports of node: modules.
// By identity only, and only from modules this process has already loaded.

import { builtinModules } from "node:module";
import { globalNames } from "./global-names.js";

/** Where a built-in value is found again in any process. */
export type BuiltinReference =
  | { readonly kind: "global"; readonly path: readonly string[] }
  | { readonly kind: "module"; readonly module: string; readonly path: readonly string[] };

interface ProcessInternals {
  readonly moduleLoadList?: readonly string[];
  getBuiltinModule(id: string): unknown;
}

// Objects of this process rather than of the language: they themselves are references, what hangs
// below them is not.
const shallowGlobals = ["globalThis", "process"];
const shallowTags: ReadonlyMap<string, string> = new Map([
  ["Crypto", "crypto"],
  ["Performance", "performance"],
  ["Navigator", "navigator"],
]);
// These warn when read, or are other names of the global object.
const unreadGlobals = new Set(["localStorage", "sessionStorage", "global", ...shallowGlobals]);
const globalDepth = 3;

let table: Map<unknown, BuiltinReference> | undefined;
const indexedModules = new Set<string>();
let indexedUpTo = -1;

/** The reference of a built-in value; undefined for everything the user's program made. */
export function builtinReference(value: unknown): BuiltinReference | undefined {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) {
    return undefined;
  }
  table ??= globals();
  const known = table.get(value);
  if (known !== undefined) return known;
  if (indexLoadedModules(table) && table.has(value)) return table.get(value);
  return lazyGlobal(value);
}

// Reading a lazy global, such as fetch or WebSocket, loads the library behind it. So only the one
// that a value calls itself is read, to compare identities.
function lazyGlobal(value: object): BuiltinReference | undefined {
  const label: unknown =
    typeof value === "function" ? value.name : Reflect.get(value, Symbol.toStringTag);
  if (typeof label !== "string") return undefined;
  const name = shallowTags.get(label) ?? label;
  if (!globalNames.has(name) || unreadGlobals.has(name)) return undefined;
  return Reflect.get(globalThis, name) === value ? { kind: "global", path: [name] } : undefined;
}

function globals(): Map<unknown, BuiltinReference> {
  const found = new Map<unknown, BuiltinReference>();
  for (const name of globalNames) {
    if (unreadGlobals.has(name)) continue;
    const property = Object.getOwnPropertyDescriptor(globalThis, name);
    if (property !== undefined && "value" in property) addGlobal(found, property.value, [name]);
  }
  for (const name of shallowGlobals) {
    const value: unknown = Reflect.get(globalThis, name);
    if (value !== undefined) found.set(value, { kind: "global", path: [name] });
  }
  // A copy of the environment would carry this machine's secrets to others.
  found.set(process.env, { kind: "global", path: ["process", "env"] });
  return found;
}

function addGlobal(found: Map<unknown, BuiltinReference>, value: unknown, path: string[]): void {
  if (!isHolder(value) || found.has(value)) return;
  found.set(value, { kind: "global", path });
  if (path.length > globalDepth) return;
  for (const key of Object.getOwnPropertyNames(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property !== undefined && "value" in property) {
      addGlobal(found, property.value, [...path, key]);
    }
  }
}

// Modules are indexed as the program loads them; loading more of them just to look would cost
// tens of milliseconds and may print warnings.
function indexLoadedModules(found: Map<unknown, BuiltinReference>): boolean {
  const internals = process as unknown as ProcessInternals;
  const list = internals.moduleLoadList ?? [];
  if (list.length === indexedUpTo) return false;
  indexedUpTo = list.length;
  const loaded = new Set(list);
  let grew = false;
  for (const name of builtinModules) {
    if (name.startsWith("_") || indexedModules.has(name)) continue;
    if (loaded.size > 0 && !loaded.has(`NativeModule ${name}`)) continue;
    indexedModules.add(name);
    grew = addModule(found, `node:${name}`, internals.getBuiltinModule(name)) || grew;
  }
  return grew;
}

function addModule(
  found: Map<unknown, BuiltinReference>,
  module: string,
  exported: unknown,
): boolean {
  if (!isHolder(exported)) return false;
  if (!found.has(exported)) found.set(exported, { kind: "module", module, path: [] });
  addExports(found, exported, { kind: "module", module, path: [] });
  return true;
}

// One level below the exports too, for tables such as util.types, path.win32 and fs.promises.
function addExports(
  found: Map<unknown, BuiltinReference>,
  exported: object,
  at: BuiltinReference & { kind: "module" },
): void {
  for (const key of Object.keys(exported)) {
    const property = Object.getOwnPropertyDescriptor(exported, key);
    const value: unknown = key === "promises" ? Reflect.get(exported, key) : property?.value;
    if (!isHolder(value) || found.has(value)) continue;
    const reference = { ...at, path: [...at.path, key] };
    found.set(value, reference);
    const isTable = typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
    if (isTable && at.path.length === 0) addExports(found, value, reference);
  }
}

function isHolder(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
