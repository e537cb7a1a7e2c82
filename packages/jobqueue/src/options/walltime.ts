// Time limits as batch systems write them: `90` (minutes, in SLURM), `MM:SS`, `HH:MM:SS`, `D-HH`,
// `D-HH:MM:SS`; and as we write durations: `"90 min"`, or a number of seconds.
import { parseDurationMs } from "@acme/config";
import { JobOptionError } from "../errors.js";
import { type Found, wrong } from "./settings.js";

const minuteMs = 60_000;
const unlimited = /^(unlimited|infinite)$/i;

/** @returns milliseconds, or null: no limit is asked for */
export function walltimeMsOf({ name, value }: Found): number | null {
  if (value === null) return null;
  if (typeof value === "number" && value > 0) return value * 1000;
  if (typeof value !== "string") throw wrong(name, value, "a time limit");
  const text = value.trim();
  if (unlimited.test(text)) return null;
  if (/^\d+$/.test(text)) return Number(text) * minuteMs;
  const clock = /^(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?$/.exec(text);
  if (clock !== null) return clockMs(clock);
  try {
    return parseDurationMs(text);
  } catch (cause) {
    throw new JobOptionError(name, (cause as Error).message, cause);
  }
}

// With days the parts count from hours; without, two parts are minutes and seconds.
function clockMs([, days, ...parts]: RegExpExecArray): number {
  const [a = 0, b = 0, c = 0] = parts.flatMap((part) => (part === undefined ? [] : [Number(part)]));
  const count = parts.filter((part) => part !== undefined).length;
  const [hours, minutes, seconds] = days !== undefined || count === 3 ? [a, b, c] : [0, a, b];
  return (((Number(days ?? 0) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
