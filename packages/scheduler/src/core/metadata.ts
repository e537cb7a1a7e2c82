// A tree of values that clients share, by paths of keys. Values are stored unopened.
// Reading is left to the view. Corresponds to set_metadata of dask's scheduler.py.
import { taskKey, type WireKey } from "@acme/protocol";
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
  level.set(taskKey(last), value);
  return null;
}
