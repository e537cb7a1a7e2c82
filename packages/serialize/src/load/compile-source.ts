// Compiles the text of a by-value function in the place of its original: imports resolve from
// there, stacks name the original file, line and column.

import { createRequire } from "node:module";
import { dirname } from "node:path";
import { metaName } from "../functions/source-code.js";
import type { SourceRecord } from "../functions/source-record.js";
import { filePath, scriptUrl } from "../functions/specifiers.js";
import { serializeLimits } from "../limits.js";
import { LruMap } from "../lru-map.js";
import { compileWithImports, importFrom, stripQuery } from "../modules/native-import.js";
import { FunctionShipError } from "../ship-error.js";

/** One evaluation of a source: its own captured variables. */
export interface SourceInstance {
  /** Makes the function; for a class this evaluates it. */
  make(): unknown;
  /** Gives a captured variable its value. */
  set(name: string, value: unknown): void;
}

type Factory = (...provided: unknown[]) => SourceInstance;

const parameters = [
  "require",
  "module",
  "exports",
  "__filename",
  "__dirname",
  "__vite_ssr_import_meta__",
  "__vite_ssr_dynamic_import__",
  metaName,
] as const;

const factories = new LruMap<string, Factory>(serializeLimits.compiledSources);

/** Compiles a source once and gives a fresh set of captured variables each time. */
export function compileSource(record: SourceRecord, captured: readonly string[]): SourceInstance {
  const names = [...captured, ...record.imports.map(({ local }) => local)];
  const { url, line, column, before, text, strict } = record;
  const key = JSON.stringify([url, line, column, strict, before, text, names]);
  let factory = factories.get(key);
  if (factory === undefined) {
    factory = compile(record, names);
    factories.set(key, factory);
  }
  return factory(...provisions(record));
}

function compile(record: SourceRecord, names: readonly string[]): Factory {
  const shadowed = parameters.filter((name) => !names.includes(name));
  const declared = names.length === 0 ? "" : `let ${names.join(",")};`;
  const cases = names
    .map((name) => `case ${JSON.stringify(name)}:${name}=acme$value;break;`)
    .join("");
  const setter = `set(acme$name,acme$value){switch(acme$name){${cases}}}`;
  // The text begins on a line of its own, padded to its original column.
  const padding = " ".repeat(Math.min(record.column, serializeLimits.paddedColumns));
  const head = `${record.strict ? '"use strict";' : ""}${declared}return{${setter},make(){return ${record.before}`;
  const code = `${head}\n${padding}${record.text}\n${record.after}}};`;
  const filename = scriptName(record);
  try {
    const inner = compileWithImports(code, shadowed, { filename, lineOffset: record.line - 1 });
    const used = shadowed.map((name) => parameters.indexOf(name));
    return (...provided) => inner(...used.map((at) => provided[at])) as SourceInstance;
  } catch (cause) {
    throw new FunctionShipError("SYNTAX", {
      what: `function '${record.name}' from ${filename} cannot be compiled here`,
      hint: "run the same version of node on the client and the workers",
      location: `${filename}:${record.line + 1}:${record.column + 1}`,
      cause,
    });
  }
}

// A place that is the author's already must not be mapped again by a TypeScript loader of this
// process; node maps by the exact text of the name, so `/./` keeps its hands off.
function scriptName({ url, mapped }: SourceRecord): string {
  const full = scriptUrl(url);
  if (!full.startsWith("file:")) return url || "acme-function";
  return mapped ? stripQuery(full).replace(/\/(?=[^/]*$)/, "/./") : (filePath(full) as string);
}

function provisions(record: SourceRecord): unknown[] {
  const url = scriptUrl(record.url);
  if (record.provided.length === 0 && !record.usesMeta) return [];
  const filename = filePath(url);
  const folder = filename && dirname(filename);
  const require = filename === undefined ? undefined : createRequire(stripQuery(url));
  const module = { exports: {} };
  const resolve = (specifier: string) =>
    require === undefined ? specifier : scriptUrl(require.resolve(specifier));
  const meta = { url: stripQuery(url), filename, dirname: folder, resolve };
  const load = (specifier: string) => importFrom(url, specifier);
  return [require, module, module.exports, filename, folder, meta, load, meta];
}
