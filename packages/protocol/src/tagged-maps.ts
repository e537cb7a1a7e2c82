// Replaces the tagged maps of a decoded document (`{"__Set__": true, …}`) by what they stand for.
// Runs only over documents in which the scan saw a tag; it must not know what the tags mean.

/** Gives the value of a map that has a key beginning with two underscores. */
export type OnTagged = (map: Map<unknown, unknown>) => unknown;

/**
 * The value with all tagged maps replaced, in the order in which they stand in the document, inner
 * ones first. Arrays and maps are changed in place.
 */
export function resolveTagged(value: unknown, onTagged: OnTagged): unknown {
  if (Array.isArray(value)) return resolveItems(value, onTagged);
  return value instanceof Map ? resolveMap(value, onTagged) : value;
}

function resolveItems(items: unknown[], onTagged: OnTagged): unknown[] {
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (typeof item !== "object" || item === null) continue;
    const resolved = resolveTagged(item, onTagged);
    if (resolved !== item) items[i] = resolved;
  }
  return items;
}

function resolveMap(map: Map<unknown, unknown>, onTagged: OnTagged): unknown {
  let tagged = false;
  let newKeys: Map<unknown, unknown> | undefined;
  for (const [key, item] of map) {
    if (typeof key === "string") {
      tagged ||= isTag(key);
    } else {
      const resolved = resolveTagged(key, onTagged);
      if (resolved !== key && typeof key === "object") {
        newKeys ??= new Map();
        newKeys.set(key, resolved);
      }
    }
    if (typeof item !== "object" || item === null) continue;
    const resolved = resolveTagged(item, onTagged);
    if (resolved !== item) map.set(key, resolved);
  }
  const whole = newKeys === undefined ? map : withKeys(map, newKeys);
  return tagged ? onTagged(whole) : whole;
}

function isTag(key: string): boolean {
  return key.charCodeAt(0) === 0x5f && key.charCodeAt(1) === 0x5f;
}

function withKeys(
  map: ReadonlyMap<unknown, unknown>,
  newKeys: ReadonlyMap<unknown, unknown>,
): Map<unknown, unknown> {
  const renamed = new Map<unknown, unknown>();
  for (const [key, item] of map) renamed.set(newKeys.has(key) ? newKeys.get(key) : key, item);
  return renamed;
}
