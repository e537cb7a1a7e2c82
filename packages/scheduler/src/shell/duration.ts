// Durations as dask's requests carry them: seconds as a number, or text such as "30 s".
// The words for units are those of config; the core sees only milliseconds.
import { parseDurationMs } from "@acme/config/units";

export function durationMs(value: string | number | undefined): number | undefined {
  if (value === undefined) return undefined;
  return typeof value === "number" ? value * 1000 : parseDurationMs(value);
}
