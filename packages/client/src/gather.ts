// Fetches every future found in a nested structure and rebuilds the structure with the values.
// How values come here is the business of collect.ts.

import { collect } from "./collect.js";
import { ArgumentError } from "./errors.js";
import { Future } from "./future.js";
import { clientLimits } from "./limits.js";
import type { FutureRecord } from "./shell/future-record.js";
import { limited, type WaitOptions } from "./shell/limited.js";
import type { Session } from "./shell/session.js";
import type { Gathered } from "./types.js";

export interface GatherOptions extends WaitOptions {
  /** What to do about tasks without value: reject (default), or leave them out (`undefined`). */
  readonly errors?: "raise" | "skip" | undefined;
}

export function gather<T>(
  session: Session,
  nested: T,
  options: GatherOptions,
): Promise<Gathered<T>> {
  const work = gatherNow(session, nested, options.errors ?? "raise");
  return limited(work, () => "gathering", options) as Promise<Gathered<T>>;
}

async function gatherNow(
  session: Session,
  nested: unknown,
  errors: "raise" | "skip",
): Promise<unknown> {
  const found = new Set<Future>();
  rebuild(nested, 0, (future) => void found.add(future));
  const futures: Future[] = [];
  const records: FutureRecord[] = [];
  for (const future of found) {
    const record = future.record ?? (await future.posted().catch(onFailed));
    if (record === undefined) continue;
    futures.push(future);
    records.push(record);
  }
  const values = new Map<Future, unknown>();
  await collect(session, records, {
    value: (index, value) => void values.set(futures[index] as Future, value),
    failed: (_index, error) => onFailed(error),
    unreadable: (_index, error) => {
      throw error;
    },
  });
  return rebuild(nested, 0, (future) => values.get(future));

  function onFailed(error: unknown): undefined {
    if (errors === "raise") throw error;
    return undefined;
  }
}

/** A copy of arrays, plain objects, maps and sets in which every future is replaced. */
function rebuild(value: unknown, depth: number, replace: (future: Future) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Future) return replace(value);
  if (depth > clientLimits.nestingDepth) {
    throw new ArgumentError(`futures are nested deeper than ${clientLimits.nestingDepth} levels`);
  }
  const below = (each: unknown) => rebuild(each, depth + 1, replace);
  if (Array.isArray(value)) return value.map(below);
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, below(each)]));
  if (value instanceof Set) return new Set([...value].map(below));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, below(each)]));
}
