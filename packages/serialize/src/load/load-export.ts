// Finds a function by the names of its module and export, as programs in other languages name it.
// How a module is loaded is left to modules.ts; calling the function, to the worker.

import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { filePath, resolveSpecifier } from "../functions/specifiers.js";
import { FunctionShipError } from "../ship-error.js";
import type { LoadedFunction } from "./load-function.js";
import { importAs } from "./modules.js";

/** A function named from outside. */
export interface ExportReference {
  /** A path, absolute or beginning with a dot, a `file:` or `node:` URL, or a package. */
  readonly module: string;
  readonly export: string;
}

const found = new Map<string, Promise<LoadedFunction>>();

/**
 * Loads a function that a module exports; the same names give the same function again.
 *
 * @param reference - module and export
 * @param baseUrl - `file:` URL that relative paths and packages are looked up from
 * @throws FunctionShipError if there is no such module or function on this host
 * @example
 * ```ts
 * const square = await loadExport({ module: "./tasks.mjs", export: "square" }, baseUrl);
 * ```
 */
export function loadExport(reference: ExportReference, baseUrl: string): Promise<LoadedFunction> {
  const name = JSON.stringify([reference.module, reference.export, baseUrl]);
  const known = found.get(name);
  if (known !== undefined) return known;
  const loading = load(reference, baseUrl);
  found.set(name, loading);
  // A failure is not kept: the file may be there the next time.
  loading.catch(() => found.delete(name));
  return loading;
}

async function load(reference: ExportReference, baseUrl: string): Promise<LoadedFunction> {
  const { module, export: name } = reference;
  const specifier = resolveSpecifier(module, baseUrl);
  const path = filePath(specifier) ?? (isAbsolute(specifier) ? specifier : undefined);
  if (path !== undefined && !existsSync(path)) throw noFile(module, path, baseUrl);
  const namespace = await importAs(specifier, baseUrl);
  const value = exportOf(namespace, name);
  if (typeof value === "function") return value as LoadedFunction;
  const names = Object.keys(namespace).filter((key) => typeof namespace[key] === "function");
  throw new FunctionShipError("NOT_CALLABLE", {
    what: `${module} on host ${hostname()} exports no function '${name}'`,
    hint: names.length === 0 ? "it exports no functions" : `it exports ${names.join(", ")}`,
    location: path ?? specifier,
  });
}

/** CommonJS modules may have all their exports in the default one. */
function exportOf(namespace: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(namespace, name)) return namespace[name];
  const all = namespace.default;
  const holds = (typeof all === "object" && all !== null) || typeof all === "function";
  return holds ? (all as Record<string, unknown>)[name] : undefined;
}

function noFile(module: string, path: string, baseUrl: string): FunctionShipError {
  const isWhole = isAbsolute(module) || module.startsWith("file:");
  const from = isWhole ? "" : ` (looked for from ${fileURLToPath(new URL(".", baseUrl))})`;
  return new FunctionShipError("MODULE_NOT_FOUND", {
    what: `the module ${path}${from} does not exist on host ${hostname()}`,
    hint: "give a path that is the same on all workers: an absolute one in a shared folder",
    location: module,
  });
}
