// Makes the value of a run spec: puts arguments together and calls the JavaScript functions in it.
// Where inputs, functions and plain values come from is the caller's business.
import type { TaskKey } from "@acme/protocol";
import type { PickleNode } from "../pickle/nodes.js";
import { RunSpecError } from "./run-spec-error.js";
import type { JsReference, Spec, SpecCall, SpecPlace } from "./spec.js";

/** What a run spec needs from around it. */
export interface SpecSurroundings {
  /** The value of another task. @throws if it is not there */
  input(key: TaskKey): unknown;
  /** A function, loaded. */
  load(reference: JsReference): Promise<(...args: unknown[]) => unknown>;
  /** A plain value. @throws if JavaScript has no form for it */
  value(node: PickleNode, place: SpecPlace | null): unknown;
}

/**
 * Computes a task from its run spec; functions may be asynchronous.
 *
 * @param spec - from `readRunSpec`
 * @param surroundings - where inputs, functions and plain values come from
 * @throws what the functions throw; RunSpecError if the spec calls Python or is inconsistent
 * @example
 * ```ts
 * const value = await evaluateSpec(spec, { input: (key) => inputs.get(key), load, value });
 * ```
 */
export function evaluateSpec(spec: Spec, surroundings: SpecSurroundings): Promise<unknown> {
  return new Evaluation(surroundings).of(spec);
}

class Evaluation {
  readonly #surroundings: SpecSurroundings;
  /** The tasks of a fused one. */
  readonly #inner: ReadonlyMap<TaskKey, Spec>;
  readonly #begun = new Set<TaskKey>();
  readonly #made = new Map<TaskKey, unknown>();

  constructor(surroundings: SpecSurroundings, inner: ReadonlyMap<TaskKey, Spec> = new Map()) {
    this.#surroundings = surroundings;
    this.#inner = inner;
  }

  async of(spec: Spec): Promise<unknown> {
    switch (spec.type) {
      case "value":
        return this.#surroundings.value(spec.node, spec.place);
      case "ref":
        return this.#ref(spec.key);
      case "list":
      case "tuple":
        return this.#all(spec.items);
      case "set":
        return new Set(await this.#all(spec.items));
      case "dict":
        return this.#dict(spec.entries);
      case "call":
        return this.#call(spec);
      case "fused": {
        const inside = new Evaluation(this.#surroundings, spec.tasks);
        return inside.#ref(spec.output);
      }
    }
  }

  async #ref(key: TaskKey): Promise<unknown> {
    if (this.#made.has(key)) return this.#made.get(key);
    const spec = this.#inner.get(key);
    if (spec === undefined || (spec.type === "ref" && spec.key === key)) {
      return this.#surroundings.input(key);
    }
    // Since one thing is made after the other, what has begun and not ended is on the way here.
    if (this.#begun.has(key)) throw new RunSpecError(`task ${key} needs itself`);
    this.#begun.add(key);
    const value = await this.of(spec);
    this.#made.set(key, value);
    return value;
  }

  /** One after the other: functions of one task never run beside each other. */
  async #all(specs: readonly Spec[]): Promise<unknown[]> {
    const values: unknown[] = [];
    for (const spec of specs) values.push(await this.of(spec));
    return values;
  }

  async #dict(entries: readonly (readonly [Spec, Spec])[]): Promise<unknown> {
    const pairs: [unknown, unknown][] = [];
    for (const [key, value] of entries) pairs.push([await this.of(key), await this.of(value)]);
    return dictOf(pairs);
  }

  async #call(spec: SpecCall): Promise<unknown> {
    const args = await this.#all(spec.args);
    if (spec.kwargs.length > 0) {
      const options: [string, unknown][] = [];
      for (const [name, value] of spec.kwargs) options.push([name, await this.of(value)]);
      args.push(Object.fromEntries(options));
    }
    const call = await this.#surroundings.load(spec.function);
    return call(...args);
  }
}

/** A dict with names for keys is an object, as everywhere. */
function dictOf(pairs: readonly (readonly [unknown, unknown])[]): unknown {
  const isRecord = pairs.every(([key]) => typeof key === "string" && key !== "__proto__");
  return isRecord ? Object.fromEntries(pairs as [string, unknown][]) : new Map(pairs);
}
