// What the words of `acme map` mean: inputs, shapes, programs with their arguments. Reads files that
// are named, and nothing else.
import { readFileSync } from "node:fs";
import { each, range, shared } from "@acme/client";
import { MapUsageError } from "./errors.js";
import { commandLimits } from "./limits.js";

/** One `--input` or `--share`, in the order in which they were given. */
export interface GivenInput {
  readonly text: string;
  /** One value for all calls. */
  readonly isShared: boolean;
}

/**
 * The arguments of the map. Inputs with a name, as `subject=@subjects.txt`, are fields of one
 * object, which is the last argument.
 *
 * @param keepsTexts - values are words of a program: nothing becomes a number on the way
 * @throws MapUsageError
 */
export function readInputs(given: readonly GivenInput[], keepsTexts: boolean): unknown[] {
  const positional: unknown[] = [];
  const fields: Record<string, unknown> = {};
  for (const { text, isShared } of given) {
    const [, name, value = text] = /^([A-Za-z_$][\w$]*)=([\s\S]*)$/.exec(text) ?? [];
    const read = isShared
      ? shared(readShared(value, keepsTexts))
      : each(readList(value, keepsTexts));
    if (name === undefined) positional.push(read);
    else fields[name] = read;
  }
  return Object.keys(fields).length === 0 ? positional : [...positional, fields];
}

/** The values that calls get one each: `0:21`, `a,b,c`, `[1,2]`, `values.json`, `@lines.txt`. */
function readList(text: string, keepsTexts: boolean): readonly unknown[] {
  const numbers = /^(-?\d+):(-?\d+)(?::(-?\d+))?$/.exec(text);
  if (numbers !== null) return readRange(numbers, text);
  if (text.startsWith("[")) return listIn(text, text);
  if (isJsonFile(text)) return listIn(contentOf(text), text);
  const words = text.startsWith("@")
    ? contentOf(text)
        .split(/\r?\n/)
        .filter((line) => line.trim() !== "")
    : text.split(",");
  return keepsTexts ? words : words.map(wordValue);
}

function readRange([, from, to, step = "1"]: RegExpExecArray, text: string): readonly number[] {
  const [start, stop, by] = [Number(from), Number(to), Number(step)];
  const count = by === 0 ? Infinity : Math.ceil((stop - start) / by);
  if (count <= commandLimits.rangeCount) return range(start, stop, by);
  throw new MapUsageError(`--input ${text} is longer than ${commandLimits.rangeCount} numbers`);
}

function listIn(json: string, where: string): readonly unknown[] {
  const list = parsed(json, where);
  if (Array.isArray(list)) return list;
  throw new MapUsageError(`--input ${where} is no list: one value for all calls is a --share`);
}

/** A value that all calls get: JSON, a text, or what is in a file. */
function readShared(text: string, keepsTexts: boolean): unknown {
  if (isJsonFile(text)) return parsed(contentOf(text), text);
  if (text.startsWith("@")) return contentOf(text);
  if (/^[[{"]|^(?:true|false|null)$/.test(text)) return parsed(text, text);
  return keepsTexts ? text : wordValue(text);
}

const isJsonFile = (text: string): boolean => /^@?[^,]+\.json$/.test(text);

/** `-`: standard input. */
function contentOf(text: string): string {
  const path = text.replace(/^@/, "");
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    throw new MapUsageError(`${path} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function parsed(json: string, where: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new MapUsageError(`${where} is no JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** A number if it is written as one; `007` is a name, and digits that a number would lose are kept. */
function wordValue(word: string): unknown {
  const isNumber =
    /^[+-]?(?:0|[1-9]\d*)?(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(word) && /\d/.test(word);
  if (!isNumber) return word;
  const value = Number(word);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? word : value;
}

/** `28,28,_`: null where calls are stacked, Infinity for `inf`. @throws MapUsageError */
export function readShape(text: string): (number | null)[] {
  return text.split(",").map((word) => {
    const size = word.trim();
    if (size === "_" || size === "null") return null;
    if (/^inf(inity)?$/i.test(size)) return Number.POSITIVE_INFINITY;
    if (/^\d+$/.test(size)) return Number(size);
    throw new MapUsageError(
      `--result-shape ${text}: "${word}" is no size. Give whole numbers, _ where calls are ` +
        "stacked, inf where results differ in length, as in 28,28,_",
    );
  });
}

/**
 * The words of a program's line: split at spaces, but for quotes and backslashes. Nothing else means
 * anything, since no shell reads them.
 *
 * @throws MapUsageError for a quote that does not end
 */
export function splitWords(line: string): string[] {
  const pattern = /\s*((?:[^\s"'\\]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'[^']*')+)\s*/y;
  const words: string[] = [];
  while (pattern.lastIndex < line.length) {
    const [, word] = pattern.exec(line) ?? [];
    if (word === undefined) throw new MapUsageError(`a quote does not end in: ${line}`);
    words.push(unquoted(word));
  }
  return words;
}

function unquoted(word: string): string {
  return word.replaceAll(
    /\\([\s\S])|"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'/g,
    (_, escaped?: string, double?: string, single?: string) =>
      escaped ?? single ?? (double as string).replaceAll(/\\(["\\])/g, "$1"),
  );
}
