// Reads single values that came from options or from the configuration, and says which one is
// wrong. Knows no option by name.
import { parseBytes, parseDurationMs } from "@acme/config";
import { JobOptionError } from "../errors.js";

/** A value and the name that it was given under; null: it was not given. */
export interface Found {
  readonly name: string;
  readonly value: unknown;
}

export function optionalText({ name, value }: Found): string | null {
  if (value === null) return null;
  if (typeof value === "number") return String(value);
  if (typeof value !== "string" || value === "") throw wrong(name, value, "a text");
  if (/[\n\r\0]/.test(value)) throw new JobOptionError(name, "it must be a single line");
  return value;
}

export function wholeNumber({ name, value }: Found, least: number): number | null {
  if (value === null) return null;
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= least) return number;
  throw wrong(name, value, `a whole number of at least ${least}`);
}

export function readFlag({ name, value }: Found): boolean | null {
  if (value === null || typeof value === "boolean") return value;
  throw wrong(name, value, "true or false");
}

/** A list of lines; one text is a list of one. */
export function readLines({ name, value }: Found): string[] {
  if (value === null) return [];
  const list = typeof value === "string" ? [value] : value;
  if (!Array.isArray(list)) throw wrong(name, value, "a list of lines");
  return list.map((line: unknown) => {
    if (typeof line !== "string") throw wrong(name, line, "a list of lines");
    return line;
  });
}

/** Bytes; null: not given, or false, which asks for none. */
export function readBytes({ name, value }: Found): number | null {
  if (value === null || value === false) return null;
  return about(name, () => parseBytes(value as string | number));
}

export function readDurationMs({ name, value }: Found): number | null {
  if (value === null) return null;
  return about(name, () => parseDurationMs(value as string | number));
}

export function readTexts(found: Found): Record<string, string> {
  return entriesOf(found, (value) => (typeof value === "string" ? value : null), "texts");
}

export function readNumbers(found: Found): Record<string, number> {
  const read = (value: unknown) => (typeof value === "number" && value >= 0 ? value : null);
  return entriesOf(found, read, "numbers");
}

function entriesOf<T>(
  { name, value }: Found,
  read: (value: unknown) => T | null,
  what: string,
): Record<string, T> {
  if (value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw wrong(name, value, `named ${what}`);
  const entries = Object.entries(value).map(([key, each]) => {
    const good = read(each);
    if (good === null) throw wrong(`${name}.${key}`, each, `named ${what}`);
    return [key, good] as const;
  });
  return Object.fromEntries(entries);
}

function about<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new JobOptionError(name, (cause as Error).message, cause);
  }
}

export const wrong = (name: string, value: unknown, wanted: string): JobOptionError =>
  new JobOptionError(name, `${JSON.stringify(value)} is not ${wanted}`);
