// From the arguments of a map to its calls: which are spread over the calls, which every call
// gets. The rule is ACME's: lists are zipped, everything else is broadcast.
import { commandInputs } from "../command/command.js";
import { ArgumentError } from "../errors.js";
import { type ArgumentSource, assembleArguments, type CallLayout } from "./call-layout.js";
import { CallSource, type Column, type Row } from "./call-source.js";
import { Each, Shared } from "./markers.js";
import { type Parameter, parametersOf, usesArguments } from "./parameters.js";
import type { TypedArray } from "./types.js";

type AnyFunction = (...args: never[]) => unknown;

/** The calls of a map, not yet made. */
export interface Inputs {
  /** Infinity: as many as come. */
  readonly count: number;
  readonly layout: CallLayout;
  /** Some values come only when they are read, and once. */
  readonly isLazy: boolean;
  /** The own values of all calls, from the first on. */
  open(): CallSource;
  /** The own values of call `i`. @throws ArgumentError if they come only when read */
  row(i: number): unknown[];
  /** What all calls get besides. */
  readonly shared: readonly unknown[];
  /** `x: distributed (4) · y: broadcast` */
  readonly description: string;
}

/**
 * Zips lists and broadcasts the rest.
 *
 * @throws ArgumentError if there is no list, or lists differ in length
 */
export function zipInputs(fn: AnyFunction, args: readonly unknown[]): Inputs {
  const reader = new InputReader(fn, args, isList);
  const lengths = reader.lengths();
  if (lengths.size === 1) return reader.inputs([...lengths][0] as number);
  if (lengths.size === 0 && reader.columns.length > 0) return reader.inputs(Infinity);
  if (lengths.size === 0) {
    throw new ArgumentError(
      "nothing says how many calls to make: give a list, range(n) or each(values) as an " +
        "argument, or ParallelMap.times(n, f, ...args) for n calls with the same arguments",
    );
  }
  throw new ArgumentError(
    `lists of different length cannot be zipped: ${listed(reader.columns)}; make them equally ` +
      "long, or wrap what every call is to get whole in shared()",
  );
}

/**
 * `count` calls; every argument is whole but for those in `each()`.
 *
 * @throws ArgumentError if `count` is no count, or an `each()` has another length
 */
export function repeatInputs(count: number, fn: AnyFunction, args: readonly unknown[]): Inputs {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new ArgumentError(`${count} calls cannot be made: give a whole number from 0 on`);
  }
  const reader = new InputReader(fn, args, () => false);
  const wrong = reader.columns.filter(({ values }) => (values?.length ?? count) !== count);
  if (wrong.length === 0) return reader.inputs(count);
  throw new ArgumentError(`${count} calls were asked for, but the length is ${listed(wrong)}`);
}

/**
 * Calls by ACME's rule for `n_inputs`: lists with that many entries are spread, the rest is whole.
 *
 * @throws ArgumentError if `count` is no count, or no list has that many entries
 */
export function countedInputs(
  count: number | "auto",
  fn: AnyFunction,
  args: readonly unknown[],
): Inputs {
  if (count === "auto") return zipInputs(fn, args);
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new ArgumentError(
      `nInputs is ${String(count)}: give a whole number from 1 on, or "auto"`,
    );
  }
  const all = new InputReader(fn, args, isList);
  const lengths = [...all.lengths()];
  const isRight = lengths.includes(count) || lengths.every((length) => length === 1);
  if (!isRight) {
    throw new ArgumentError(`nothing has the ${count} entries of nInputs: ${listed(all.columns)}`);
  }
  const fits = (value: unknown) => isList(value) && (value as unknown[]).length === count;
  const reader = new InputReader(fn, args, fits);
  const wrong = reader.columns.filter(({ values }) => (values?.length ?? count) !== count);
  if (wrong.length === 0) return reader.inputs(count);
  throw new ArgumentError(`nInputs is ${count}, but the length is ${listed(wrong)}`);
}

/** The whole argument list of call `i`. */
export function callArguments(inputs: Inputs, i: number): unknown[] {
  return rowArguments(inputs, inputs.row(i));
}

/** The whole argument list of the call with these values of its own. */
export function rowArguments(inputs: Inputs, row: Row): unknown[] {
  return assembleArguments(inputs.layout, [...row, ...inputs.shared]);
}

class InputReader {
  readonly columns: Column[] = [];
  readonly #shared: unknown[] = [];
  readonly #sources: ArgumentSource[] = [];
  readonly #notes: string[] = [];

  constructor(fn: AnyFunction, args: readonly unknown[], spreads: (value: unknown) => boolean) {
    const parameters = parametersOf(fn);
    refuseSurplus(fn, parameters, args);
    args.forEach((value, at) => {
      const parameter = parameterAt(parameters, at);
      const name = nameOf(parameter, at);
      if (parameter?.hasPrimitiveDefault) refuseObject(name, value);
      this.#sources.push(this.#read(name, value, spreads));
    });
    refuseTooFew(fn, args.length);
  }

  inputs(count: number): Inputs {
    const { columns } = this;
    const layout = { ownCount: columns.length, arguments: this.#sources };
    return {
      count,
      layout,
      isLazy: columns.some(({ values }) => values === undefined),
      shared: this.#shared,
      description: this.#notes.join(" · "),
      open: () => new CallSource(columns, count),
      row: (i) => columns.map((column) => listOf(column)[i]),
    };
  }

  /** Of the lists that are there. */
  lengths(): Set<number> {
    return new Set(this.columns.flatMap(({ values }) => values?.length ?? []));
  }

  #read(name: string, value: unknown, spreads: (value: unknown) => boolean): ArgumentSource {
    if (value instanceof Each) return { from: "own", at: this.#spread(name, value) };
    if (value instanceof Shared) return this.#broadcast(name, value.value);
    // Copies: the user may change a list between making the map and computing it.
    if (spreads(value)) {
      const values = (value as unknown[] | TypedArray).slice();
      return { from: "own", at: this.#spread(name, { values }) };
    }
    if (hasMarkers(value)) return this.#readFields(name, value);
    return this.#broadcast(name, value);
  }

  #readFields(name: string, options: Record<string, unknown>): ArgumentSource {
    const rest: Record<string, unknown> = {};
    const own: [string, number][] = [];
    for (const [field, value] of Object.entries(options)) {
      if (value instanceof Each) {
        own.push([field, this.#spread(`${name}.${field}`, value)]);
      } else {
        rest[field] = value instanceof Shared ? value.value : value;
      }
    }
    const others = Object.keys(rest);
    if (others.length > 0) this.#notes.push(`${name}.{${others.join(", ")}}: broadcast`);
    return { from: "fields", at: this.#shared.push(rest) - 1, own };
  }

  #spread(name: string, { values, lazy }: Omit<Column, "name">): number {
    this.#notes.push(`${name}: distributed (${values?.length ?? "as they come"})`);
    return this.columns.push({ name, values, lazy }) - 1;
  }

  #broadcast(name: string, value: unknown): ArgumentSource {
    this.#notes.push(`${name}: broadcast`);
    return { from: "shared", at: this.#shared.push(value) - 1 };
  }
}

function isList(value: unknown): boolean {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function hasMarkers(value: unknown): value is Record<string, unknown> {
  if (!isPlainObject(value)) return false;
  return Object.values(value).some((field) => field instanceof Each || field instanceof Shared);
}

function parameterAt(
  parameters: readonly Parameter[] | undefined,
  at: number,
): Parameter | undefined {
  if (parameters === undefined) return undefined;
  const last = parameters.at(-1);
  return parameters[at] ?? (last?.isRest ? last : undefined);
}

function nameOf(parameter: Parameter | undefined, at: number): string {
  const readable = parameter !== undefined && /^[^\s[{(]+$/.test(parameter.name);
  return readable && !parameter.isRest ? parameter.name : `argument ${at + 1}`;
}

/** `f({ y: 3 })` for `f(x, y = 1)` would compute NaN, and save it. */
function refuseObject(name: string, value: unknown): void {
  const first = isList(value) ? (value as unknown[])[0] : value;
  const inside =
    value instanceof Each ? value.values?.[0] : value instanceof Shared ? value.value : first;
  if (!isPlainObject(inside)) return;
  throw new ArgumentError(
    `${name} is a number, text or boolean by default, but an object was given: arguments have no ` +
      "names here, give them in the order of the function's parameters",
  );
}

function refuseSurplus(
  fn: AnyFunction,
  parameters: readonly Parameter[] | undefined,
  args: readonly unknown[],
): void {
  if (parameters === undefined || args.length <= parameters.length) return;
  if (parameters.at(-1)?.isRest || usesArguments(fn)) return;
  const names = parameters.map((parameter, at) => nameOf(parameter, at)).join(", ");
  throw new ArgumentError(
    `${fn.name || "the function"} takes ${parameters.length} arguments (${names}), ` +
      `but ${args.length} were given`,
  );
}

/** Arguments of functions may be missing, but a program's words have places for all. */
function refuseTooFew(fn: AnyFunction, given: number): void {
  const needed = commandInputs(fn) ?? 0;
  if (given >= needed) return;
  throw new ArgumentError(`${fn.name} has places for ${needed} inputs, but ${given} were given`);
}

const listed = (columns: readonly Column[]): string =>
  columns
    .flatMap(({ name, values }) => (values === undefined ? [] : `${name} has ${values.length}`))
    .join(", ");

function listOf({ name, values }: Column): NonNullable<Column["values"]> {
  if (values !== undefined) return values;
  throw new ArgumentError(`${name} is read only while the map runs: nothing can be told before`);
}
