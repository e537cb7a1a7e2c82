// Imports modules through node's own loader, whatever tool transformed this file: a plain
// `import()` would go through a test runner's module graph and load second copies.

import { fileURLToPath } from "node:url";
import vm from "node:vm";

type Importer = (specifier: string) => Promise<Record<string, unknown>>;

interface LoaderConstants {
  readonly USE_MAIN_CONTEXT_DEFAULT_LOADER: symbol;
}

const { USE_MAIN_CONTEXT_DEFAULT_LOADER } = vm.constants as unknown as LoaderConstants;

interface DynamicOptions {
  readonly filename: string;
  readonly lineOffset?: number;
  readonly importModuleDynamically: symbol;
}

/** Compiles text whose import() resolves from `filename` by node's own loader. */
export function compileWithImports(
  text: string,
  parameters: readonly string[],
  options: { filename: string; lineOffset?: number },
): (...args: unknown[]) => unknown {
  silenceLoaderWarning();
  const dynamic: DynamicOptions = {
    ...options,
    importModuleDynamically: USE_MAIN_CONTEXT_DEFAULT_LOADER,
  };
  const compile = vm.compileFunction as unknown as (
    code: string,
    names: readonly string[],
    options: DynamicOptions,
  ) => (...args: unknown[]) => unknown;
  return compile(text, parameters, dynamic);
}

const importers = new Map<string, Importer>();

/** Imports a specifier as the module `parentUrl` would. */
export function importFrom(parentUrl: string, specifier: string): Promise<Record<string, unknown>> {
  const filename = parentUrl.startsWith("file:") ? fileURLToPath(stripQuery(parentUrl)) : here();
  let importer = importers.get(filename);
  if (importer === undefined) {
    importer = compileWithImports("return import(specifier);", ["specifier"], {
      filename,
    }) as Importer;
    importers.set(filename, importer);
  }
  return importer(specifier);
}

/** Imports a module by its URL. */
export function importUrl(url: string): Promise<Record<string, unknown>> {
  return importFrom("", url);
}

function here(): string {
  return fileURLToPath(import.meta.url);
}

export function stripQuery(url: string): string {
  return url.replace(/[?#].*$/, "");
}

let silenced = false;

// Node announces the loader constant as experimental on every version we support; that one
// warning says nothing to the user of a task. All other warnings pass.
function silenceLoaderWarning(): void {
  if (silenced) return;
  silenced = true;
  const emit = process.emitWarning as (warning: string | Error, ...rest: unknown[]) => void;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    const text = typeof warning === "string" ? warning : warning.message;
    if (text.includes("USE_MAIN_CONTEXT_DEFAULT_LOADER")) return;
    emit.call(process, warning, ...rest);
  }) as typeof process.emitWarning;
}
