// Links from one object to few or many others of one class, without a container until one is
// needed: a Set of one costs as much as half a task. Dask's TaskState holds sets here.
// A relation is a value: every change returns the relation to store.

/** null, one item, a small array, or a Set above {@link arrayMax}; items are never arrays. */
export type Relation<T extends object> = null | T | T[] | Set<T>;

const arrayMax = 16;
const none: readonly never[] = Object.freeze([]);

/** The relation with `item` in it (once). */
export function added<T extends object>(relation: Relation<T>, item: T): Relation<T> {
  if (relation === null) return item;
  if (relation instanceof Set) return relation.add(item);
  if (!Array.isArray(relation)) return relation === item ? relation : [relation, item];
  if (relation.includes(item)) return relation;
  if (relation.length >= arrayMax) return new Set(relation).add(item);
  relation.push(item);
  return relation;
}

/** The relation without `item`, if it was in it. */
export function removed<T extends object>(relation: Relation<T>, item: T): Relation<T> {
  if (relation === null) return null;
  if (relation instanceof Set) {
    relation.delete(item);
    return relation.size === 0 ? null : relation;
  }
  if (!Array.isArray(relation)) return relation === item ? null : relation;
  const at = relation.indexOf(item);
  if (at < 0) return relation;
  if (relation.length === 2) return relation[1 - at] as T;
  relation.splice(at, 1);
  return relation;
}

export function has<T extends object>(relation: Relation<T>, item: T): boolean {
  if (relation === null) return false;
  if (relation instanceof Set) return relation.has(item);
  return Array.isArray(relation) ? relation.includes(item) : relation === item;
}

export function sizeOf<T extends object>(relation: Relation<T>): number {
  if (relation === null) return 0;
  if (relation instanceof Set) return relation.size;
  return Array.isArray(relation) ? relation.length : 1;
}

export function firstOf<T extends object>(relation: Relation<T>): T | null {
  if (relation === null) return null;
  if (relation instanceof Set) return relation.values().next().value ?? null;
  return Array.isArray(relation) ? (relation[0] as T) : relation;
}

/** The items to loop over. The relation must not change meanwhile: see {@link copyOf}. */
export function each<T extends object>(relation: Relation<T>): Iterable<T> & object {
  if (relation === null) return none;
  if (relation instanceof Set || Array.isArray(relation)) return relation;
  return [relation];
}

/** The items as an array of their own, for loops that change the relation. */
export function copyOf<T extends object>(relation: Relation<T>): T[] {
  return relation === null ? [] : [...each(relation)];
}
