// The shapes of a run spec: what a worker has to put together and call to compute one task. Data
// only; what Python wrote is read by read-spec.ts, and evaluate-spec.ts makes the value.
import type { TaskKey } from "@acme/protocol";
import type { PickleNode } from "../pickle/nodes.js";

/** A JavaScript function as Python programs name it: `operator.methodcaller("__js__", "m#f")`. */
export interface JsReference {
  /** A path, a URL, or the name of a package. */
  readonly module: string;
  readonly export: string;
}

/** The way from a run spec to a part of it, from its end: an attribute, then an item of it. */
export interface SpecPlace {
  /** Null: the run spec itself. */
  readonly of: SpecPlace | null;
  readonly attribute: string;
  readonly item?: PickleNode;
}

/** One node of a run spec. */
export type Spec =
  /** Something that is there already. */
  | { readonly type: "value"; readonly node: PickleNode; readonly place: SpecPlace | null }
  /** The value of another task. */
  | { readonly type: "ref"; readonly key: TaskKey }
  | { readonly type: "list" | "tuple" | "set"; readonly items: readonly Spec[] }
  | { readonly type: "dict"; readonly entries: readonly (readonly [Spec, Spec])[] }
  | SpecCall
  /** Tasks that were fused into one: what is made under `output` is the value. */
  | {
      readonly type: "fused";
      readonly tasks: ReadonlyMap<TaskKey, Spec>;
      readonly output: TaskKey;
    };

/** The call of a JavaScript function. */
export interface SpecCall {
  readonly type: "call";
  readonly function: JsReference;
  readonly args: readonly Spec[];
  /** Keyword arguments: the function gets them as one object after the others. */
  readonly kwargs: readonly (readonly [string, Spec])[];
}

/** What there is to know about a run spec before anything of it is made. */
export interface RunSpec {
  readonly spec: Spec;
  /** It calls at least one JavaScript function. */
  readonly callsJs: boolean;
  /** The first thing it calls that only Python can: `builtins.len`; undefined: nothing. */
  readonly callsPython: string | undefined;
}
