// Python functions as values of a JavaScript program: by the name that Python imports them by, from a
// file whose text travels, or from text. They run on Python workers only; how they are sent is
// elsewhere.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { KeywordArguments, type PythonSource } from "@acme/python";
import { ArgumentError } from "../errors.js";

/** A function of Python by name, or in a text. */
export type PythonTarget =
  | { readonly type: "module"; readonly module: string; readonly name: string }
  | { readonly type: "source"; readonly source: PythonSource };

/** What a {@link PythonFunction} stands for. */
export interface PythonFacts {
  readonly target: PythonTarget;
  /** Keyword arguments of every call. */
  readonly keywords: Readonly<Record<string, unknown>>;
}

type AnyFunction = (...args: never[]) => unknown;
type Untyped = (...args: unknown[]) => unknown;

/** A function that runs on Python workers; see {@link python}. */
export type PythonFunction<F extends AnyFunction = Untyped> = F & {
  /**
   * The same function with keyword arguments, as `functools.partial`.
   *
   * @param keywords - by name; undefined ones are left out
   */
  with(keywords: Readonly<Record<string, unknown>>): PythonFunction<F>;
};

const facts = new WeakMap<object, PythonFacts>();

/** What a function stands for if it is one of Python's; else undefined. */
export const pythonFacts = (fn: object): PythonFacts | undefined => facts.get(fn);

const identifier = "[A-Za-z_][A-Za-z0-9_]*";
const dotted = new RegExp(`^${identifier}(\\.${identifier})*$`);

/**
 * A Python function, to be given to `submit`, `map`, `delayed` and `ParallelMap`. It runs on the
 * cluster's Python workers; called here it throws.
 *
 * @param where - `"numpy.linalg:norm"`: something that Python workers can import;
 *   `"./connectome.py:compute"`: a function of a file here, which need not be there
 * @throws ArgumentError if it names nothing, or the file cannot be read
 * @example
 * ```ts
 * const norm = python<(a: Float64Array) => number>("numpy.linalg:norm");
 * await client.submit(norm, [Float64Array.of(3, 4)]).result(); // 5
 * await client.submit(norm.with({ ord: 1 }), [Float64Array.of(3, 4)]).result(); // 7
 * ```
 */
export function python(where: string): PythonFunction;
export function python<F extends AnyFunction>(where: string): PythonFunction<F>;
export function python<F extends AnyFunction>(where: string): PythonFunction<F> {
  const colon = where.lastIndexOf(":");
  const place = where.slice(0, colon);
  const name = where.slice(colon + 1);
  if (colon < 1 || !dotted.test(name)) {
    throw new ArgumentError(
      `${JSON.stringify(where)} names no Python function: write "module:function", ` +
        'or "./file.py:function"',
    );
  }
  if (/[/\\]|\.py$/.test(place)) return fromText<F>(readSource(place), basename(place), name);
  if (!dotted.test(place)) {
    throw new ArgumentError(`${JSON.stringify(place)} is no module of Python, and no file *.py`);
  }
  return functionOf<F>({ target: { type: "module", module: place, name }, keywords: {} });
}

/**
 * A Python function from source text.
 *
 * @param text - a module that defines it
 * @param name - of the function
 * @param filename - what tracebacks call the text
 * @example
 * ```ts
 * const square = python.source<(x: number) => number>("def square(x):\n    return x * x", "square");
 * await client.submit(square, [3]).result(); // 9
 * ```
 */
python.source = source;
function source(text: string, name: string, filename?: string): PythonFunction;
function source<F extends AnyFunction>(
  text: string,
  name: string,
  filename?: string,
): PythonFunction<F>;
function source<F extends AnyFunction>(
  text: string,
  name: string,
  filename = `<${name}>`,
): PythonFunction<F> {
  if (!dotted.test(name)) {
    throw new ArgumentError(`${JSON.stringify(name)} is no name of a Python function`);
  }
  return fromText<F>(text, filename, name);
}

/**
 * Keyword arguments of one call, as its last argument.
 *
 * @param entries - by name; futures among them stand for their values
 * @example
 * ```ts
 * client.map(python("builtins:sorted"), [[[2, 1], [3, 4]], [kwargs({ reverse: true }), kwargs({})]]);
 * ```
 */
export const kwargs = (entries: Readonly<Record<string, unknown>>): KeywordArguments =>
  new KeywordArguments(entries);

function fromText<F extends AnyFunction>(
  text: string,
  filename: string,
  name: string,
): PythonFunction<F> {
  return functionOf<F>({
    target: { type: "source", source: { text, filename, name } },
    keywords: {},
  });
}

function functionOf<F extends AnyFunction>(what: PythonFacts): PythonFunction<F> {
  const { target } = what;
  const name = target.type === "module" ? target.name : target.source.name;
  const fn = (..._given: unknown[]): never => {
    throw new ArgumentError(
      `${name}() is a Python function: it runs on a cluster, as in client.submit(${name}, [...])`,
    );
  };
  Object.defineProperty(fn, "name", { value: name.slice(name.lastIndexOf(".") + 1) });
  facts.set(fn, what);
  return Object.assign(fn as unknown as F, {
    with: (keywords: Readonly<Record<string, unknown>>) =>
      functionOf<F>({ target, keywords: { ...what.keywords, ...keywords } }),
  });
}

function readSource(place: string): string {
  const path = place.startsWith("file:") ? fileURLToPath(place) : place;
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ArgumentError(`cannot read the Python file ${path}: ${(cause as Error).message}`, {
      cause,
    });
  }
}
