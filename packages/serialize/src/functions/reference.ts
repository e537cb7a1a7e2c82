// Finds how another process can import the very same function: the module that defines it and the
// export that holds it. By identity wherever the module can be reached, by position otherwise.

import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { serializeLimits } from "../limits.js";
import { loadedHash } from "../modules/file-hash.js";
import { importUrl } from "../modules/native-import.js";
import type { Anatomy } from "./anatomy.js";
import { findBinding } from "./bindings.js";
import { filePath } from "./specifiers.js";
import { staticExport } from "./static-exports.js";
import { type AnyNode, isFunction, parseScript } from "./syntax.js";

/** An export of an importable module. */
export interface ModuleReference {
  /** file: URL of the defining module. */
  readonly url: string;
  /** Property path into its namespace; empty for `module.exports` itself. */
  readonly path: readonly string[];
  readonly format: "esm" | "cjs";
  /** SHA-256 of the file, null when it is not checked. */
  readonly sha256: string | null;
}

const require = createRequire(import.meta.url);

/** The reference of a function; undefined when no importable module exports it. */
export async function findReference(
  target: object,
  anatomy: Anatomy,
): Promise<ModuleReference | undefined> {
  const path = filePath(anatomy.url);
  if (path === undefined || isMainFile(path)) return undefined;
  const sha256 = loadedHash(anatomy.url, anatomy.script.source) ?? null;
  const loaded = require.cache[path];
  if (loaded !== undefined) {
    const found = searchExports(loaded.exports, target);
    if (found !== undefined && isSettled(found, anatomy)) {
      return { url: anatomy.url, path: found, format: "cjs", sha256 };
    }
  }
  const found = anatomy.script.isModule
    ? await searchNamespace(target, anatomy)
    : viteExport(anatomy);
  if (found === undefined || !isSettled(found, anatomy)) return undefined;
  return { url: anatomy.url, path: found, format: "esm", sha256 };
}

/**
 * False for a closure that merely sits in an exported table or variable at this moment: importing
 * the module elsewhere would not put it there. A closure held by an exported constant is fine.
 */
function isSettled(path: readonly string[], anatomy: Anatomy): boolean {
  if (!anatomy.around.some((node, at) => isFunction(node) && !isWrapper(anatomy.around, at))) {
    return true;
  }
  if (anatomy.script.source.includes("__vite_ssr_")) return true;
  if (path.length > 1) return false;
  const program = parseScript(anatomy.script);
  const name = path[0];
  if (program === undefined || name === undefined || !anatomy.script.isModule) return true;
  const kind = findBinding([program], name)?.kind;
  return kind !== "let" && kind !== "var";
}

/** True for a function that is called where it stands, at the top: tsx puts modules into one. */
function isWrapper(around: readonly AnyNode[], at: number): boolean {
  const [, statement, call] = around;
  const isCalled = call?.type === "CallExpression" && call.callee === around[at];
  return isCalled && statement?.type === "ExpressionStatement";
}

/** True for the program's main module: importing it elsewhere would run the program again. */
function isMainFile(path: string): boolean {
  const main = mainFile();
  return main !== undefined && (path === main || resolvedPath(path) === main);
}

const mains = new Map<string, string>();

function mainFile(): string | undefined {
  const started = process.argv[1];
  if (started === undefined) return undefined;
  const known = mains.get(started) ?? findMain(started);
  mains.set(started, known);
  return known;
}

function findMain(started: string): string {
  try {
    // `node dist/main` leaves the extension to be guessed, as require does.
    return resolvedPath(require.resolve(started));
  } catch {
    // Started from a file this resolver cannot guess, such as main.ts without its extension.
    return resolvedPath(started);
  }
}

function resolvedPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not a file, as in `node -e`: then it is nobody's main module either.
    return path;
  }
}

/** Looks for a function among exports and one level below: class statics, tables of functions. */
function searchExports(exports: unknown, target: object): string[] | undefined {
  if (exports === target) return [];
  if (exports === null || (typeof exports !== "object" && typeof exports !== "function")) {
    return undefined;
  }
  const values = readable(exports, Object.keys(exports));
  for (const [name, value] of values) if (value === target) return [name];
  for (const [name, value] of values) {
    if (value === null || (typeof value !== "object" && typeof value !== "function")) continue;
    const hidden = new Set(["constructor", "prototype"]);
    const inner = Object.getOwnPropertyNames(value).filter((key) => !hidden.has(key));
    for (const key of inner) {
      if (Object.getOwnPropertyDescriptor(value, key)?.value === target) return [name, key];
    }
  }
  return undefined;
}

function readable(exports: object, names: readonly string[]): [string, unknown][] {
  const values: [string, unknown][] = [];
  for (const name of names) {
    try {
      values.push([name, Reflect.get(exports, name)]);
    } catch {
      // A binding that is not initialised yet cannot be the function at hand.
    }
  }
  return values;
}

const evaluating = Symbol("still evaluating");

/**
 * Imports the module that defines the function, which is in the module cache, so nothing runs
 * again. A module that is itself waiting for us at its top level never finishes: then syntax
 * decides.
 */
async function searchNamespace(target: object, anatomy: Anatomy): Promise<string[] | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<typeof evaluating>((resolve) => {
    timer = setTimeout(() => resolve(evaluating), serializeLimits.namespaceWaitMs);
  });
  // A module that cannot be imported again is no reference; the function then goes by value.
  const imported = importUrl(anatomy.url).catch(() => undefined);
  const namespace = await Promise.race([imported, waited]);
  clearTimeout(timer);
  if (namespace === undefined) return undefined;
  if (namespace !== evaluating) return searchExports(namespace, target);
  const program = parseScript(anatomy.script);
  return program && staticExport(program, anatomy.position);
}

function viteExport(anatomy: Anatomy): string[] | undefined {
  if (!anatomy.script.source.includes("__vite_ssr_")) return undefined;
  const program = parseScript(anatomy.script);
  return program && staticExport(program, anatomy.position);
}
