// A field for durations as dask's clients write them: seconds as a number, or text such as "30 s"
// or "200ms". Read as seconds, so that nobody behind the schema parses text again.
import { WireFormatError } from "../errors.js";
import { fieldLimits } from "../limits.js";
import type { Field } from "./schema.js";

const secondsPerUnit: Readonly<Record<string, number>> = {
  us: 1e-6,
  microsecond: 1e-6,
  ms: 1e-3,
  millisecond: 1e-3,
  s: 1,
  sec: 1,
  second: 1,
  m: 60,
  min: 60,
  minute: 60,
  hr: 3600,
  hour: 3600,
  h: 3600,
  day: 86_400,
  d: 86_400,
};

const pattern = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)?\s*([a-z]*)\s*$/i;

function secondsOf(text: string): number | undefined {
  if (text.length > 64) return undefined;
  const [, amount, unit = ""] = pattern.exec(text) ?? [];
  if (amount === undefined && unit === "") return undefined;
  const word = unit.toLowerCase();
  const factor = word === "" ? 1 : (secondsPerUnit[word] ?? secondsPerUnit[word.slice(0, -1)]);
  return factor === undefined ? undefined : Number(amount ?? 1) * factor;
}

/** Seconds; a negative time is one that has passed. */
export const duration: Field<number> = Object.assign(
  (value: unknown, path: string): number => {
    const seconds =
      typeof value === "string"
        ? secondsOf(value)
        : typeof value === "number" || typeof value === "bigint"
          ? Number(value)
          : undefined;
    const { seconds: most } = fieldLimits;
    if (seconds !== undefined && !Number.isNaN(seconds)) {
      return Math.max(-most, Math.min(seconds, most));
    }
    throw new WireFormatError(`Expected seconds or a text such as "30 s" at ${path}`, { path });
  },
  { shape: { type: "number", min: -fieldLimits.seconds, max: fieldLimits.seconds } as const },
);
