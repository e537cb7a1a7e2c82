// Task keys: dask's keys are strings, bytes, numbers or nested tuples, and Python's equality
// (1 == 1.0 == True) holds between them. Here each key is one string, so that it can be the key
// of a Map. Corresponds to dask's key typing and `dask.utils.key_split`.
import { assert } from "./assert.js";
import { LimitError, WireFormatError } from "./errors.js";
import { keyDepthMax } from "./limits.js";

declare const keyBrand: unique symbol;

/** Canonical form of a task key; make one with {@link taskKey}. */
export type TaskKey = string & { readonly [keyBrand]: "TaskKey" };

/** A task key as it stands in a message: tuples are arrays. */
export type WireKey = string | number | bigint | boolean | Uint8Array | readonly WireKey[];

/**
 * The canonical form of a key from the wire. A string is its own canonical form (unless it begins
 * with U+0000, which marks the canonical form of everything else); keys that are equal in Python
 * have the same form.
 *
 * @param wire - the key as decoded
 * @throws WireFormatError if the value cannot be a key, LimitError if tuples are nested too deep
 * @example
 * ```ts
 * taskKey("inc-1"); // "inc-1"
 * taskKey(["x", 0]) === taskKey(["x", 0n]); // true
 * ```
 */
export function taskKey(wire: unknown): TaskKey {
  if (typeof wire === "string" && wire.charCodeAt(0) !== 0) return wire as TaskKey;
  return `\0${canonical(wire, 0)}` as TaskKey;
}

/**
 * The key as it goes on the wire; the inverse of {@link taskKey}. Numbers come back as integers
 * where they are whole: Python holds the two equal.
 *
 * @param key - a canonical key
 * @throws ProgramError if the string was not made by {@link taskKey}
 * @example
 * ```ts
 * wireKey(taskKey(["x", 0])); // ["x", 0]
 * ```
 */
export function wireKey(key: TaskKey): WireKey {
  if (key.charCodeAt(0) !== 0) return key;
  const reader = { text: key as string, at: 1 };
  const wire = readCanonical(reader);
  assert(reader.at === key.length, "text after the end of a canonical key");
  return wire;
}

/**
 * The same key in memory of its own. The text of a decoded key is a slice of all the text that was
 * read with it, which stays as long as one slice does: whoever keeps a key keeps this one.
 *
 * @param key - a canonical key
 * @example
 * ```ts
 * const message = decodeMessage(frames) as Map<string, string>;
 * seen.add(ownKey(taskKey(message.get("key"))));
 * ```
 */
export function ownKey(key: TaskKey): TaskKey {
  // Text that was joined is written out in one piece when a character of it is read.
  const copy = key.slice(0, 1) + key.slice(1);
  return Number.isNaN(copy.charCodeAt(0)) ? key : (copy as TaskKey);
}

function canonical(wire: unknown, depth: number): string {
  switch (typeof wire) {
    case "string":
      return `s${wire.length}:${wire}`;
    case "number":
      return numberText(wire);
    case "bigint":
      return `n${wire};`;
    case "boolean":
      return wire ? "n1;" : "n0;";
    default:
  }
  if (wire instanceof Uint8Array) return `b${wire.length}:${latin1(wire)}`;
  if (!Array.isArray(wire)) {
    throw new WireFormatError(`not a task key: ${wire === null ? "nil" : typeof wire}`);
  }
  if (depth >= keyDepthMax) throw new LimitError("keyDepthMax", depth + 1, keyDepthMax);
  let text = "(";
  for (const item of wire) text += canonical(item, depth + 1);
  return `${text})`;
}

// Whole numbers are written in full so that a float beyond 2^53 meets the equal integer.
function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return value === 0 ? "n0;" : `n${value};`;
  return Number.isInteger(value) ? `n${BigInt(value)};` : `n${value};`;
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function readCanonical(reader: { text: string; at: number }): WireKey {
  const tag = reader.text[reader.at];
  reader.at += 1;
  if (tag === "n") return readNumber(reader);
  if (tag === "s") return readCounted(reader);
  if (tag === "b") {
    const text = readCounted(reader);
    return Uint8Array.from(text, (char) => char.charCodeAt(0));
  }
  assert(tag === "(", "unknown tag in a canonical key");
  const items: WireKey[] = [];
  while (reader.text[reader.at] !== ")") items.push(readCanonical(reader));
  reader.at += 1;
  return items;
}

function readNumber(reader: { text: string; at: number }): number | bigint {
  const end = reader.text.indexOf(";", reader.at);
  assert(end > reader.at, "unfinished number in a canonical key");
  const text = reader.text.slice(reader.at, end);
  reader.at = end + 1;
  const value = Number(text);
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  const exact = BigInt(text);
  const fits = exact >= -(2n ** 63n) && exact < 2n ** 64n;
  return fits ? exact : value;
}

function readCounted(reader: { text: string; at: number }): string {
  const colon = reader.text.indexOf(":", reader.at);
  assert(colon > reader.at, "unfinished text in a canonical key");
  const end = colon + 1 + Number(reader.text.slice(reader.at, colon));
  assert(end <= reader.text.length, "text of a canonical key is cut off");
  const text = reader.text.slice(colon + 1, end);
  reader.at = end;
  return text;
}
