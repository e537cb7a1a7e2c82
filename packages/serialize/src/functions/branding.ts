// What users said about how their functions travel; kept beside the functions, not on them.
// Only remembers: what follows for a function is decided where it is described.

import { pathToFileURL } from "node:url";
import { importUrl } from "../modules/native-import.js";
import { scriptUrl } from "./specifiers.js";

/** How a function is to be sent. */
export type TaskOptions = {
  /** `reference`: import it from its module or fail. `value`: send text and captured values. */
  readonly by: "reference" | "value";
};

const marked = new WeakMap<object, TaskOptions["by"]>();
const named = new WeakMap<object, { readonly url: string; readonly name: string }>();
const factories = new WeakMap<object, () => unknown>();
const byValue: string[] = [];
let version = 0;

/** Changes whenever users said something new about how functions travel. */
export function brandingVersion(): number {
  return version;
}

/**
 * Says how one function travels, overriding the rule that exported functions go by reference and
 * all others by value. Gives back the same function.
 *
 * @example
 * ```ts
 * await client.submit(task(square, { by: "value" }), [3]);
 * ```
 */
export function task<F extends (...args: never[]) => unknown>(fn: F, options: TaskOptions): F {
  marked.set(fn, options.by);
  version++;
  return fn;
}

/** What `task` said about a function. */
export function taskChoice(target: object): TaskOptions["by"] | undefined {
  return marked.get(target);
}

/**
 * Makes every function of these modules travel by value, as functions of the main module do:
 * for code that workers cannot import.
 *
 * @param module - URL of a module or folder (ending in `/`), or an absolute path
 * @example
 * ```ts
 * registerByValue(new URL("./drafts/", import.meta.url));
 * ```
 */
export function registerByValue(module: URL | string): void {
  version++;
  const text = String(module);
  byValue.push(text.startsWith("file:") ? text : pathToFileURL(text).href);
}

/** True for scripts under a place given to `registerByValue`. */
export function isByValueModule(url: string): boolean {
  const full = scriptUrl(url);
  return byValue.some((prefix) => full === prefix || full.startsWith(asFolder(prefix)));
}

function asFolder(prefix: string): string {
  return prefix.endsWith("/") ? prefix : `${prefix}/`;
}

/**
 * Names an exported function without examining it: works where node:inspector does not, as under
 * `--permission` or in Bun. Called here, it imports the module and calls the export.
 *
 * @param url - URL of the module, as by `new URL("./tasks.js", import.meta.url)`
 * @param name - name of the export, `"default"` for the default one
 * @example
 * ```ts
 * const square = importFunction(new URL("./tasks.js", import.meta.url), "square");
 * await client.map(square, [[1, 2, 3]]);
 * ```
 */
export function importFunction(
  url: URL | string,
  name: string,
): (...args: unknown[]) => Promise<unknown> {
  const target = scriptUrl(String(url));
  const remote = async (...args: unknown[]) => {
    const namespace = await importUrl(target);
    return (namespace[name] as (...args: unknown[]) => unknown)(...args);
  };
  Object.defineProperty(remote, "name", { value: name });
  named.set(remote, { url: target, name });
  return remote;
}

/** What `importFunction` named. */
export function importedName(
  target: object,
): { readonly url: string; readonly name: string } | undefined {
  return named.get(target);
}

/**
 * A value made once in every process that asks for it, by calling `factory` there: the place for
 * database handles, caches and other live objects that cannot travel.
 *
 * @param factory - makes the value; travels like any function
 * @returns a function that gives the value of the process it is called in
 * @example
 * ```ts
 * const pool = perWorker(() => createPool({ host: "db" }));
 * const f = async (id: number) => (await pool()).query(id);
 * ```
 */
export function perWorker<T>(factory: () => T): () => T {
  let made: { readonly value: T } | undefined;
  const get = () => {
    made ??= { value: factory() };
    return made.value;
  };
  factories.set(get, factory);
  return get;
}

/** The factory behind a function made by `perWorker`. */
export function perWorkerFactory(target: object): (() => unknown) | undefined {
  return factories.get(target);
}
