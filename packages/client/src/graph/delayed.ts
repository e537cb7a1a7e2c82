// Calls that are only written down. A delayed call can be an argument of others; computing one
// sends the whole graph below it at once.
import type { InspectOptions } from "node:util";
import type { TaskKey } from "@acme/protocol";
import type { TaskOptions } from "../task-options.js";
import type { Futures } from "../types.js";
import { functionName, uniqueKey } from "./content-key.js";
import { RemoteValue } from "./references.js";
import type { AnyFunction } from "./templates.js";

/** A call that has not been made; see {@link delayed}. */
export class Delayed<T = unknown> extends RemoteValue {
  readonly key: TaskKey;
  /** @internal */
  readonly fn: AnyFunction;
  /** @internal */
  readonly args: readonly unknown[];
  /** @internal */
  readonly options: TaskOptions;
  declare private readonly resultType: T;

  /** @internal Made by {@link delayed}. */
  constructor(fn: AnyFunction, args: readonly unknown[], options: TaskOptions) {
    super();
    this.key = uniqueKey(functionName(fn));
    this.fn = fn;
    this.args = args;
    this.options = options;
  }

  describe(): string {
    return `the delayed call ${this.key}`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](_depth: number, _options: InspectOptions): string {
    return `Delayed <${this.key}>`;
  }
}

/**
 * Makes a function lazy: its calls are written down, not made. Results of other delayed calls and
 * futures may be among the arguments, also inside arrays and objects.
 *
 * @param fn - any function that `Client.submit` would take
 * @param options - how its tasks are to run
 * @returns a function that gives a {@link Delayed} call each time it is called
 * @example
 * ```ts
 * const add = delayed((a: number, b: number) => a + b);
 * const [total] = await compute(add(add(1, 2), 3), { client }); // 6
 * ```
 */
export function delayed<A extends unknown[], R>(
  fn: (...args: A) => R,
  options: TaskOptions = {},
): (...args: Futures<A>) => Delayed<Awaited<R>> {
  return (...args) => new Delayed<Awaited<R>>(fn, args, options);
}
