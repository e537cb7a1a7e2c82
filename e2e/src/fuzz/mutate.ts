// Spoils a sound message in one place or a few, so that it can still be taken for one. Knows the
// forms of values, not what any field means.
import { Pickled, Serialized } from "@acme/protocol";
import type { Random } from "../sim/random.js";
import { type Making, oddTexts } from "./vocabulary.js";

/** A place in a message where something can be put. */
interface Place {
  readonly value: unknown;
  set(value: unknown): void;
  remove(): void;
}

const integers = [
  -1,
  0,
  1,
  2,
  7,
  63,
  255,
  2 ** 16,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 32 + 1,
  Number.MAX_SAFE_INTEGER,
  -Number.MAX_SAFE_INTEGER,
];
const floats = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
  0.5,
  1e-300,
  1e308,
  -1e308,
];

/** How far a mutation may go. */
export interface Spoiling {
  /** Share of mutations that keep the type of a value. */
  readonly sameType: number;
}

/**
 * Changes a message in place.
 *
 * @returns how many places were changed; 0 only for a message with no field to spoil
 */
export function spoil(
  message: Map<unknown, unknown>,
  making: Making,
  { sameType }: Spoiling,
): number {
  const { random } = making;
  const wanted = 1 + Math.floor(3 * random.next() ** 3);
  let changed = 0;
  for (let i = 0; i < wanted; i++) {
    const all = places(message).filter(
      (place) => place.value !== message.get("op") && place.value !== "op",
    );
    if (all.length === 0 || random.chance(0.02)) {
      message.set(random.pick(oddTexts), otherValue(random));
      changed += 1;
      continue;
    }
    const place = random.pick(all);
    if (random.chance(sameType)) place.set(alike(place.value, making));
    else unlike(place, making);
    changed += 1;
  }
  return changed;
}

function places(root: object, found: Place[] = [], depth = 0): Place[] {
  if (found.length > 200 || depth > 8) return found;
  const add = (value: unknown, set: Place["set"], remove: Place["remove"]) => {
    found.push({ value, set, remove });
    if (typeof value !== "object" || value === null) return;
    const isLeaf = value instanceof Uint8Array || value instanceof Serialized;
    if (!isLeaf && !(value instanceof Pickled)) places(value, found, depth + 1);
  };
  if (Array.isArray(root)) {
    root.forEach((value, i) => {
      add(
        value,
        (next) => {
          root[i] = next;
        },
        () => root.splice(i, 1),
      );
    });
  } else if (root instanceof Map) {
    for (const [key, value] of root) {
      const rename = (next: unknown) => {
        root.delete(key);
        root.set(next, value);
      };
      found.push({ value: key, set: rename, remove: () => root.delete(key) });
      add(
        value,
        (next) => root.set(key, next),
        () => root.delete(key),
      );
    }
  } else {
    const record = root as Record<string, unknown>;
    for (const name of Object.keys(record)) {
      add(
        record[name],
        (next) => {
          record[name] = next;
        },
        () => delete record[name],
      );
    }
  }
  return found;
}

/** Another value of the same type. */
function alike(value: unknown, making: Making): unknown {
  const { random, names } = making;
  switch (typeof value) {
    case "number":
      if (Number.isInteger(value)) return random.pick(random.chance(0.8) ? integers : floats);
      return random.pick(random.chance(0.7) ? floats : integers);
    case "string":
      return likeText(making);
    case "boolean":
      return !value;
    case "bigint":
      return 2n ** 64n - 1n;
    default:
  }
  if (value === null || value === undefined) return random.chance(0.5) ? names.key(making) : null;
  if (value instanceof Uint8Array) return spoilBytes(value, random);
  if (value instanceof Serialized) return spoilPayload(value, random);
  if (value instanceof Pickled) return Pickled.of(spoilBytes(value.pickle, random));
  if (Array.isArray(value)) return spoilList(value, making);
  if (value instanceof Map) return spoilMap(value, making);
  return value;
}

function likeText(making: Making): string {
  const { random, names } = making;
  const choice = random.below(7);
  if (choice < 2) return random.pick(oddTexts);
  if (choice === 2) return names.address(making);
  if (choice === 3) return names.client(making);
  if (choice === 4) return names.topic(making);
  if (choice === 5) return "y".repeat(random.pick([1, 100, 10_000]));
  const key = names.key(making);
  return typeof key === "string" ? key : "k";
}

function spoilList(list: readonly unknown[], making: Making): unknown[] {
  const { random } = making;
  switch (random.below(5)) {
    case 0:
      return [];
    case 1:
      return [...list, ...list];
    case 2:
      return list.toReversed();
    case 3:
      return Array.from({ length: random.pick([1, 40, 300]) }, (_, i) =>
        list.length === 0 ? making.names.key(making) : list[i % list.length],
      );
    default:
      return [...list, making.names.key(making)];
  }
}

function spoilMap(map: ReadonlyMap<unknown, unknown>, making: Making): Map<unknown, unknown> {
  const { random } = making;
  const copy = new Map(map);
  if (random.chance(0.3)) return new Map();
  const value = map.size === 0 ? random.pick(integers) : random.pick([...map.values()]);
  copy.set(random.chance(0.5) ? making.names.key(making) : random.pick(oddTexts), value);
  return copy;
}

/** Frames are mostly words and offsets, so whole words are changed as well as bytes. */
function spoilPayload(payload: Serialized, random: Random): Serialized {
  const frames = [...payload.frames];
  const at = random.below(Math.max(1, frames.length));
  const frame = frames[at] ?? new Uint8Array(0);
  const choice = random.below(6);
  if (choice === 0) frames.splice(at, 1);
  else if (choice === 1) frames.push(frame);
  else frames[at] = choice < 4 ? spoilWord(frame, random) : spoilBytes(frame, random);
  if (random.chance(0.9)) return new Serialized(payload.header, frames);
  const header = new Map(payload.header);
  header.set(random.pick([...oddTexts, "serializer", "frame-lengths"]), random.pick(integers));
  return new Serialized(header, frames);
}

function spoilWord(frame: Uint8Array, random: Random): Uint8Array {
  if (frame.byteLength < 4) return spoilBytes(frame, random);
  const copy = new Uint8Array(frame);
  const at = 4 * random.below(Math.floor(copy.byteLength / 4));
  new DataView(copy.buffer).setUint32(at, random.pick(integers) >>> 0, true);
  return copy;
}

export function spoilBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = new Uint8Array(bytes);
  switch (random.below(4)) {
    case 0:
      return copy.subarray(0, random.below(copy.length + 1)).slice();
    case 1:
      return Uint8Array.of(...copy.subarray(0, 64), random.below(256));
    case 2:
      return Uint8Array.from({ length: random.below(40) }, () => random.below(256));
    default:
      if (copy.length > 0) copy[random.below(copy.length)] = random.below(256);
      return copy;
  }
}

/** Another type, nothing at all, or far too much. */
function unlike(place: Place, making: Making): void {
  const { random } = making;
  if (random.chance(0.3)) place.remove();
  else if (random.chance(0.2)) place.set(nested(place.value, random));
  else place.set(otherValue(random));
}

function nested(value: unknown, random: Random): unknown {
  let inner = value;
  for (let left = random.pick([1, 3, 40, 70, 480]); left > 0; left--) {
    inner = random.chance(0.5) ? [inner] : new Map([["n", inner]]);
  }
  return inner;
}

function otherValue(random: Random): unknown {
  return random.pick<unknown>([
    null,
    true,
    random.pick(integers),
    random.pick(floats),
    2n ** 63n,
    random.pick(oddTexts),
    Uint8Array.of(1, 2, 3),
    [],
    new Map(),
    new Set(["a", 1]),
    new Map<unknown, unknown>([[["tuple", 1], 2]]),
    Serialized.acme([Uint8Array.of(1, 2)]),
    Pickled.of(Uint8Array.of(0x80, 5, 0x4e, 0x2e)),
    Array.from({ length: 500 }, (_, i) => i),
  ]);
}
