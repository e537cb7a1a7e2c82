// A tree of values that clients share, by paths of keys. Values are stored unopened.
// Reading is left to the view. Corresponds to set_metadata of dask's scheduler.py.
import { type TaskKey, taskKey, type WireKey, wireKey } from "@acme/protocol";
import { coreLimits } from "./limits.js";
import type { SchedulerState } from "./state.js";

/** Returns what is wrong with the path, or null. */
export function setMetadata(
  state: SchedulerState,
  path: readonly WireKey[],
  value: unknown,
): string | null {
  const last = path.at(-1);
  if (last === undefined) return "set_metadata needs at least one key";
  if (path.length > coreLimits.metadataDepth) {
    return `set_metadata takes at most ${coreLimits.metadataDepth} keys`;
  }
  const { metadataEntries } = coreLimits;
  const added = missing(state, path) + entriesOf(value) - entriesOf(valueAt(state, path));
  if (added > 0 && state.metadataEntries + added > metadataEntries) {
    return `set_metadata holds at most ${metadataEntries} entries; use fewer keys`;
  }
  state.metadataEntries += added;
  let level = state.metadata as Map<unknown, unknown>;
  for (const key of path.slice(0, -1)) {
    const name = taskKey(key);
    let next = level.get(name);
    if (!(next instanceof Map)) {
      next = new Map();
      level.set(name, next);
    }
    level = next as Map<unknown, unknown>;
  }
  level.set(taskKey(last), levelsOf(value));
  return null;
}

/** A dictionary given whole is a level like those that paths make: its keys are canonical. */
function levelsOf(value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  const named = [...value].map(([k, v]) => [k === null ? k : taskKey(k), levelsOf(v)] as const);
  return new Map(named);
}

/** The value under a path of keys as it was given; undefined if there is none. */
export function getMetadata(state: SchedulerState, path: readonly WireKey[]): unknown {
  return onWire(valueAt(state, path));
}

function onWire(value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  const levels = value as ReadonlyMap<TaskKey | null, unknown>;
  return new Map([...levels].map(([k, v]) => [k === null ? k : wireKey(k), onWire(v)]));
}

/** What is kept under the name of a task goes with it. */
export function forgetMetadata(state: SchedulerState, key: TaskKey): void {
  const value = state.metadata.get(key);
  if (state.metadata.delete(key)) state.metadataEntries -= 1 + entriesOf(value);
}

/** Entries that this path would add. */
function missing(state: SchedulerState, path: readonly WireKey[]): number {
  let level: unknown = state.metadata;
  for (const [depth, key] of path.entries()) {
    if (!(level instanceof Map)) return path.length - depth;
    const name = taskKey(key);
    if (!level.has(name)) return path.length - depth;
    level = level.get(name);
  }
  return 0;
}

function valueAt(state: SchedulerState, path: readonly WireKey[]): unknown {
  let value: unknown = state.metadata;
  for (const key of path) value = value instanceof Map ? value.get(taskKey(key)) : undefined;
  return value;
}

/** Entries below a value, at all depths: a dictionary is a level like any other. */
function entriesOf(value: unknown): number {
  let count = 0;
  const levels = [value];
  for (let level = levels.pop(); level !== undefined; level = levels.pop()) {
    if (!(level instanceof Map)) continue;
    count += level.size;
    for (const below of level.values()) if (below instanceof Map) levels.push(below);
  }
  return count;
}
