// What one call gets of each argument of a map, as a type: the arguments drive the type that the
// mapped function must have. The run-time counterpart is inputs.ts.
import type { TypedArray } from "@acme/hdf5";
import type { MapFailure } from "./map-errors.js";
import type { Each, Shared } from "./markers.js";

export type { TypedArray };

/** What one call gets of an argument of type `A`. */
export type One<A> =
  A extends Each<infer T>
    ? T
    : A extends Shared<infer T>
      ? T
      : A extends readonly (infer E)[]
        ? Writable<E>
        : A extends BigInt64Array | BigUint64Array
          ? bigint
          : A extends TypedArray
            ? number
            : HasMarker<A> extends true
              ? { -readonly [K in keyof A]: Whole<A[K]> }
              : Writable<A>;

/** The same when lists are whole values and only `each()` is spread, as in `ParallelMap.times`. */
export type Whole<A> =
  A extends Each<infer T>
    ? T
    : A extends Shared<infer T>
      ? T
      : HasMarker<A> extends true
        ? { -readonly [K in keyof A]: Whole<A[K]> }
        : Writable<A>;

/** True for an object with `each()` or `shared()` in one of its fields. */
type HasMarker<A> = A extends readonly unknown[] | ((...args: never[]) => unknown)
  ? false
  : A extends object
    ? Extract<A[keyof A], Each<unknown> | Shared<unknown>> extends never
      ? false
      : true
    : false;

/** Undoes the `readonly` that inference as constants puts on lists and on objects with lists. */
type Writable<T> = T extends readonly unknown[]
  ? { -readonly [K in keyof T]: Writable<T[K]> }
  : T extends TypedArray | ((...args: never[]) => unknown)
    ? T
    : T extends object
      ? Extract<T[keyof T], readonly unknown[]> extends never
        ? T
        : { -readonly [K in keyof T]: Writable<T[K]> }
      : T;

/** The arguments of one call. */
export type CallArguments<A extends readonly unknown[]> = { -readonly [K in keyof A]: One<A[K]> };

/** The arguments of one call of `ParallelMap.times`. */
export type WholeArguments<A extends readonly unknown[]> = {
  -readonly [K in keyof A]: Whole<A[K]>;
};

/**
 * Where results go: a file each with a container over them, one container that holds all, a
 * msgpack file each, back to the caller, or nowhere because the function keeps them itself.
 */
export type Output = "files" | "single" | "serialized" | "memory" | "none";

/** What `onError` may say. */
export type OnError = "throw" | "continue" | "fail-fast";

/**
 * What `compute` resolves with: paths, the values, or with `"none"` nothing; with `"continue"` some
 * may be missing. `"single"` gives one path, that of the container.
 */
export type Computed<R, O extends Output, E extends OnError = "throw"> = O extends "memory"
  ? (Awaited<R> | (E extends "continue" ? undefined : never))[]
  : O extends "none"
    ? undefined
    : O extends "single"
      ? string[]
      : (string | (E extends "continue" ? null : never))[];

/** The last word on one call of a map; see `ParallelMap.run`. */
export type CallResult<R, O extends Output> = CallDone<R, O> | CallFailed;

/** A call with a result: its value, or the path of its file. */
export type CallDone<R, O extends Output> = {
  readonly index: number;
  readonly status: "done";
  /** Attempts of this run; 0 if the result is that of an earlier one. */
  readonly attempts: number;
  /** Milliseconds that the call took where it ran, its file included; undefined if done before. */
  readonly durationMs: number | undefined;
} & (O extends "memory"
  ? { readonly value: Awaited<R> }
  : O extends "none"
    ? unknown
    : { readonly path: string });

/** A call without one, after its last attempt. */
export interface CallFailed extends MapFailure {
  readonly status: "failed";
}
