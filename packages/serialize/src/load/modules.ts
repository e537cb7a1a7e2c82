// Loads and keeps the modules that functions refer to, and turns every way of failing into an
// error that names the module, the host and the remedy.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { hostname } from "node:os";
import type { ImportRecord, Interop } from "../functions/import-records.js";
import type { ReferenceRecord } from "../functions/source-record.js";
import { filePath } from "../functions/specifiers.js";
import { firstSeenHash } from "../modules/file-hash.js";
import { importFrom, importUrl, stripQuery } from "../modules/native-import.js";
import { FunctionShipError } from "../ship-error.js";
import {
  ensureTypeScript,
  isTypeScript,
  needsTypeScript,
  noTypeScript,
  registerTsx,
} from "./typescript.js";

const namespaces = new Map<string, unknown>();

/** The module of a reference, if this process has loaded it. */
export function loadedModule(key: string): unknown {
  return namespaces.get(key);
}

export function referenceKey({ url, format }: ReferenceRecord): string {
  return `${format} ${url}`;
}

export function importKey(record: ImportRecord, parentUrl: string): string {
  const { kind, specifier, interop } = record;
  const absolute = /^(file|node|data):/.test(specifier);
  return `${kind} ${interop} ${specifier} ${absolute ? "" : parentUrl}`;
}

/** Imports a specifier as the module `parentUrl` would, TypeScript included. */
export async function importAs(
  specifier: string,
  parentUrl: string,
): Promise<Readonly<Record<string, unknown>>> {
  const load = () => importFrom(parentUrl, specifier);
  return (await withTypeScript(specifier, parentUrl, load)) as Readonly<Record<string, unknown>>;
}

/** Loads the module of a reference after checking that its file is the sender's. */
export async function loadReference(record: ReferenceRecord): Promise<void> {
  checkFile(record);
  const key = referenceKey(record);
  if (namespaces.has(key)) return;
  const load =
    record.format === "cjs" ? () => requireFile(record.url) : () => importUrl(record.url);
  namespaces.set(key, await withTypeScript(record.url, record.url, load));
}

/** True when a reference can be used at once: its module is loaded and its file is the sender's. */
export function isReady(record: ReferenceRecord): boolean {
  if (!namespaces.has(referenceKey(record))) return false;
  return record.sha256 === null || firstSeenHash(record.url) === record.sha256;
}

/** Loads what one import record of a by-value function names. */
export async function loadImport(record: ImportRecord, parentUrl: string): Promise<void> {
  const key = importKey(record, parentUrl);
  const { specifier, kind } = record;
  const load = () =>
    kind === "import" ? importFrom(parentUrl, specifier) : requireFrom(parentUrl, specifier);
  const module: unknown = await withTypeScript(specifier, parentUrl, load);
  namespaces.set(key, withInterop(module, record.interop));
}

async function withTypeScript(
  specifier: string,
  parentUrl: string,
  load: () => unknown,
): Promise<unknown> {
  try {
    if (isTypeScript(specifier)) await ensureTypeScript(parentUrl);
    return await load();
  } catch (error) {
    if (needsTypeScript(error) || isTypeScript(specifier)) {
      if (await registerTsx(parentUrl)) {
        try {
          return await load();
        } catch (second) {
          throw moduleError(specifier, parentUrl, second);
        }
      }
      if (needsTypeScript(error) || isSyntaxError(error)) throw noTypeScript(specifier, error);
    }
    throw moduleError(specifier, parentUrl, error);
  }
}

function isSyntaxError(error: unknown): boolean {
  return error instanceof SyntaxError;
}

function requireFile(url: string): unknown {
  const plain = stripQuery(url);
  return createRequire(plain)(filePath(plain) as string);
}

function requireFrom(parentUrl: string, specifier: string): unknown {
  const base = parentUrl.startsWith("file:") ? stripQuery(parentUrl) : import.meta.url;
  return createRequire(base)(filePath(specifier) ?? specifier);
}

function checkFile({ url, sha256, name }: ReferenceRecord): void {
  const path = filePath(url);
  if (path === undefined) return;
  if (!existsSync(path)) throw notFound(url, hostname(), undefined);
  if (sha256 === null) return;
  if (firstSeenHash(url) === sha256) return;
  throw new FunctionShipError("MODULE_MISMATCH", {
    what:
      `function '${name}' cannot be loaded: the file ${path} on ${hostname()} is not the one ` +
      "the client has loaded (it was edited, or the folders differ)",
    hint: "restart the client and the workers, so that both load the same file",
    location: path,
  });
}

function moduleError(specifier: string, parentUrl: string, cause: unknown): FunctionShipError {
  if (cause instanceof FunctionShipError) return cause;
  const { code } = (cause ?? {}) as { code?: unknown };
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") {
    return notFound(specifier, hostname(), cause, parentUrl);
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FunctionShipError("MODULE_FAILED", {
    what: `the module ${specifier} failed while it was loaded on ${hostname()}: ${reason}`,
    hint: "a module that a worker imports must load without the rest of the program",
    location: parentUrl,
    cause,
  });
}

function notFound(
  specifier: string,
  host: string,
  cause: unknown,
  parentUrl?: string,
): FunctionShipError {
  const from =
    parentUrl === undefined || parentUrl === specifier ? "" : ` (needed by ${parentUrl})`;
  return new FunctionShipError("MODULE_NOT_FOUND", {
    what: `the module ${specifier}${from} does not exist on host ${host}`,
    hint:
      "workers import modules from the same path: share the folder, install the package there, " +
      "or send the function by value with task(fn, { by: 'value' })",
    location: specifier,
    cause,
  });
}

type Namespace = Record<string, unknown>;

/** What the compilers' helpers make of a required module. */
function withInterop(module: unknown, interop: Interop): unknown {
  if (interop === "none") return module;
  const marked = Boolean((module as Namespace | null | undefined)?.__esModule);
  if (interop === "default") return marked ? module : { default: module };
  if (marked && interop !== "esbuildNode") return module;
  const namespace: Namespace = Object.create(null) as Namespace;
  if (module !== null && (typeof module === "object" || typeof module === "function")) {
    for (const key of Object.getOwnPropertyNames(module)) {
      if (key === "default") continue;
      const get = () => (module as Namespace)[key];
      Object.defineProperty(namespace, key, { get, enumerable: true });
    }
  }
  Object.defineProperty(namespace, "default", { value: module, enumerable: true });
  return namespace;
}

/**
 * Imports a module of a user, TypeScript included: as node does where it can, else with tsx, found
 * from the module.
 *
 * @param url - file: URL of the module
 * @returns its namespace
 * @throws FunctionShipError that names the module and the remedy
 * @example
 * ```ts
 * const { f } = await importModule(new URL("./analysis.ts", import.meta.url).href);
 * ```
 */
export async function importModule(url: string): Promise<Readonly<Record<string, unknown>>> {
  const load = () => importUrl(url);
  return (await withTypeScript(url, url, load)) as Readonly<Record<string, unknown>>;
}
