// The types of calls: futures may stand wherever the values they stand for may. No code; proven
// by types.typecheck.ts.

import type { Future } from "./future.js";
import type { Delayed } from "./graph/delayed.js";

/** A value, or what stands for it; inside arrays too. */
export type Futurable<T> =
  | T
  | Future<T>
  | Delayed<T>
  | (T extends readonly (infer E)[] ? readonly Futurable<E>[] : never);

/** Arguments of a function, each of which may be a future. */
export type Futures<A extends readonly unknown[]> = {
  readonly [K in keyof A]: Futurable<A[K]>;
};

/** For each argument of a function a list of its values, one per call. */
export type ArgumentLists<A extends readonly unknown[]> = {
  readonly [K in keyof A]: readonly Futurable<A[K]>[];
};

/** What remains when every future is replaced by its value. */
export type Gathered<T> =
  T extends Future<infer R>
    ? R
    : T extends readonly unknown[]
      ? { -readonly [K in keyof T]: Gathered<T[K]> }
      : T extends ReadonlyMap<infer K, infer V>
        ? Map<K, Gathered<V>>
        : T extends ReadonlySet<infer V>
          ? Set<Gathered<V>>
          : T extends (...args: never[]) => unknown
            ? T
            : T extends object
              ? { [K in keyof T]: Gathered<T[K]> }
              : T;
