// The prefix of a task key, under which durations and progress are kept. Corresponds to
// `dask.utils.key_split`, with its quirks: prefixes appear in messages and must agree.
import type { TaskKey } from "./key.js";
import { type WireKey, wireKey } from "./key.js";

const letters = /^\p{L}+$/u;
const firstLetter = /^\p{L}/u;
const hexDigest = /^[a-f0-9]{32}$/;

/**
 * The prefix of a task key: its words up to the first that is not all letters (or is eight letters
 * beginning with a to f, taken for a hash). Of a tuple, that of its first element; a key that is a
 * hash is `data`.
 *
 * @param key - a canonical task key
 * @example
 * ```ts
 * keySplit(taskKey("hello-world-1")); // "hello-world"
 * keySplit(taskKey(["x-2", 1])); // "x"
 * keySplit(taskKey("ae05086432ca935f6eba409a8ecd4896")); // "data"
 * ```
 */
export function keySplit(key: TaskKey): string {
  return splitWire(key.charCodeAt(0) === 0 ? wireKey(key) : key);
}

function splitWire(key: WireKey | undefined): string {
  if (typeof key === "string") return splitText(key);
  if (key instanceof Uint8Array) return splitText(new TextDecoder().decode(key));
  return Array.isArray(key) ? splitWire(key[0]) : "Other";
}

function splitText(text: string): string {
  const words = text.split("-");
  let prefix = words[0]!;
  if (prefix === "") return "Other";
  if (!firstLetter.test(prefix)) prefix = stripMarks(prefix.split(",")[0]!);
  for (let i = 1; i < words.length && isWord(words[i]!); i++) prefix += `-${words[i]}`;
  if (prefix === "") return "Other";
  if (hexDigest.test(prefix)) return "data";
  return prefix.startsWith("<") ? className(prefix) : prefix;
}

// dask takes any eight letters that begin with a to f for a hash, "feedback" too.
function isWord(word: string): boolean {
  return letters.test(word) && !(word.length === 8 && word[0]! >= "a" && word[0]! <= "f");
}

function stripMarks(text: string): string {
  return text.replace(/^[_'()"]+/, "").replace(/[_'()"]+$/, "");
}

// "<package.module.Class object at 0x7f…>" becomes "Class"
function className(text: string): string {
  const path = text
    .replace(/^[<>]+/, "")
    .replace(/[<>]+$/, "")
    .trim()
    .split(/\s+/)[0]!;
  return path.slice(path.lastIndexOf(".") + 1) || "Other";
}
