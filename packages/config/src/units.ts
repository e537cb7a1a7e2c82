// Sizes and durations as people write them, with dask's meaning: "4 GiB", "4GB", "500ms", "2h",
// and the clock times of batch systems. It knows nothing of files or settings.

import { ConfigError } from "./errors.js";

const letters = "kmgtp";
const byteUnits = new Map<string, number>([
  ["", 1],
  ["b", 1],
]);
for (const [index, letter] of [...letters].entries()) {
  // As in dask a lone letter is decimal: "4G" is 4·10⁹, only "4Gi" and "4GiB" are binary.
  byteUnits.set(letter, 1000 ** (index + 1)).set(`${letter}b`, 1000 ** (index + 1));
  byteUnits.set(`${letter}i`, 1024 ** (index + 1)).set(`${letter}ib`, 1024 ** (index + 1));
}

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000] as const;
const durationUnits = new Map<string, number>();
for (const [names, valueMs] of [
  ["ns nanosecond nanoseconds", 1e-6],
  ["us µs microsecond microseconds", 1e-3],
  ["ms millisecond milliseconds", 1],
  ["s sec secs second seconds", second],
  ["m min mins minute minutes", minute],
  ["h hr hrs hour hours", hour],
  ["d day days", day],
  ["w week weeks", 7 * day],
] as const) {
  for (const name of names.split(" ")) durationUnits.set(name, valueMs);
}

const quantity = /^([+-]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)?(\p{L}*|%)$/iu;

interface Quantity {
  amount: number;
  unit: string;
}

function parseQuantity(text: string): Quantity | undefined {
  const match = quantity.exec(text.replaceAll(/\s/g, ""));
  if (match === null || match[0] === "") return undefined;
  // Without a number the unit counts once, as in dask: "MB" is one megabyte.
  const amount = match[1] === undefined ? 1 : Number(match[1].replaceAll("_", ""));
  return { amount, unit: match[2]!.toLowerCase() };
}

export interface ParseBytesOptions {
  /**
   * The whole that a fraction refers to, in bytes. With it, bare numbers of at most 1 (`0.5`,
   * `"0.5"`) and percentages (`"50%"`) are shares of the whole, as in dask's memory limits.
   */
  wholeBytes?: number;
}

/**
 * Reads a size the way dask does. Decimal units (`kB`, `MB`, `GB`, also `k`, `M`, `G`) are powers
 * of 1000, binary ones (`KiB`, `MiB`, `GiB`, also `Ki`, …) powers of 1024; case does not matter.
 *
 * @param value - a number of bytes, or a text such as `"4 GiB"`, `"500MB"`, `"1e6"`
 * @param options - `wholeBytes` turns fractions into shares of it
 * @returns whole bytes, rounded down
 * @throws ConfigError `CONFIG_VALUE` when the text is no size, or is negative
 * @example
 * ```ts
 * parseBytes("4 GiB"); // 4294967296
 * parseBytes(0.5, { wholeBytes: 8e9 }); // 4000000000
 * ```
 */
export function parseBytes(value: number | string, options: ParseBytesOptions = {}): number {
  const parsed = typeof value === "number" ? { amount: value, unit: "" } : parseQuantity(value);
  const bytes = parsed && toBytes(parsed, options.wholeBytes);
  if (bytes !== undefined && bytes >= 0 && Number.isFinite(bytes)) return Math.floor(bytes);
  throw new ConfigError(
    `${JSON.stringify(value)} is not a size; write a number and a unit such as "4 GiB" or "500 MB"`,
    { code: "CONFIG_VALUE" },
  );
}

function toBytes({ amount, unit }: Quantity, wholeBytes?: number): number | undefined {
  if (wholeBytes !== undefined) {
    if (unit === "%" && amount <= 100) return (amount / 100) * wholeBytes;
    if (unit === "" && amount <= 1) return amount * wholeBytes;
  }
  const scale = byteUnits.get(unit);
  return scale === undefined ? undefined : amount * scale;
}

export interface ParseDurationOptions {
  /** Unit of numbers and texts without one; dask's is seconds. */
  defaultUnit?: "ms" | "s" | "m" | "h";
}

/**
 * Reads a duration the way dask does, and the clock times of batch systems: `mm:ss`, `hh:mm:ss`,
 * `d-hh`, `d-hh:mm`, `d-hh:mm:ss`.
 *
 * @param value - a number (seconds unless `defaultUnit` says else), or a text such as `"500ms"`
 * @param options - the unit of bare numbers
 * @returns milliseconds, possibly fractional
 * @throws ConfigError `CONFIG_VALUE` when the text is no duration, or is negative
 * @example
 * ```ts
 * parseDurationMs("1 min"); // 60000
 * parseDurationMs("1-00:00:00"); // 86400000
 * ```
 */
export function parseDurationMs(
  value: number | string,
  options: ParseDurationOptions = {},
): number {
  const fallback = options.defaultUnit ?? "s";
  const parsed = typeof value === "number" ? { amount: value, unit: "" } : parseQuantity(value);
  const scale = parsed && durationUnits.get(parsed.unit || fallback);
  const durationMs =
    parsed !== undefined && scale !== undefined
      ? parsed.amount * scale
      : typeof value === "string"
        ? parseClockMs(value.trim())
        : undefined;
  if (durationMs !== undefined && durationMs >= 0 && Number.isFinite(durationMs)) {
    return durationMs;
  }
  throw new ConfigError(
    `${JSON.stringify(value)} is not a duration; write "500ms", "5s", "2h" or "01:00:00"`,
    { code: "CONFIG_VALUE" },
  );
}

function parseClockMs(text: string): number | undefined {
  const dated = /^(\d+)-(\d+)(?::(\d+))?(?::(\d+))?$/.exec(text);
  if (dated) return clockMs(dated[1], dated[2], dated[3], dated[4]);
  const clock = /^(?:(\d+):)?(\d+):(\d+)$/.exec(text);
  return clock ? clockMs(undefined, clock[1], clock[2], clock[3]) : undefined;
}

function clockMs(...[days, hours, minutes, seconds]: (string | undefined)[]): number {
  const part = (text: string | undefined) => (text === undefined ? 0 : Number(text));
  return part(days) * day + part(hours) * hour + part(minutes) * minute + part(seconds) * second;
}

/**
 * Prints a size as dask does.
 *
 * @param bytes - a number of bytes
 * @example
 * ```ts
 * formatBytes(1_234_567); // "1.18 MiB"
 * ```
 */
export function formatBytes(bytes: number): string {
  for (let power = letters.length; power > 0; power -= 1) {
    const unit = 1024 ** power;
    const letter = power === 1 ? "k" : letters[power - 1]!.toUpperCase();
    if (bytes >= unit * 0.9) return `${(bytes / unit).toFixed(2)} ${letter}iB`;
  }
  return `${bytes} B`;
}

/**
 * Prints a duration as dask does: two units above ten minutes, two decimals below.
 *
 * @param durationMs - milliseconds
 * @example
 * ```ts
 * formatDuration(1234); // "1.23 s"
 * formatDuration(9_000_000); // "2hr 30m"
 * ```
 */
export function formatDuration(durationMs: number): string {
  const count = (value: number, unit: number) => Math.trunc(value / unit);
  if (durationMs > 2 * day) {
    return `${count(durationMs, day)}d ${count(durationMs % day, hour)}hr`;
  }
  if (durationMs > 2 * hour) {
    return `${count(durationMs, hour)}hr ${count(durationMs % hour, minute)}m`;
  }
  if (durationMs > 10 * minute) {
    return `${count(durationMs, minute)}m ${count(durationMs % minute, second)}s`;
  }
  if (durationMs >= second) return `${(durationMs / second).toFixed(2)} s`;
  if (durationMs >= 1) return `${durationMs.toFixed(2)} ms`;
  return `${(durationMs * 1000).toFixed(2)} us`;
}
