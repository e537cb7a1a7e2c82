// The figures of both schedulers beside each other, as ratios for people and as a record.
// Measures nothing.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { isRealTime, machine, source } from "../circumstances.js";
import { figures, type Measured } from "./figures.js";
import { writeTable } from "./page.js";

const path = fileURLToPath(new URL("../../../results/python-overheads.json", import.meta.url));

/** Prints, for every figure, both sides and how many times better ours is. */
export function printRatios(found: readonly Measured[]): void {
  for (const { name, dask, acme } of found) {
    process.stdout.write(`\n${name} (${acme.tasks} tasks)\n`);
    for (const figure of figures) {
      const theirs = figure.of(dask);
      const ours = figure.of(acme);
      if (ours === undefined || Number.isNaN(ours)) continue;
      const ratio = figure.isRate ? ours / (theirs ?? 0) : (theirs ?? 0) / ours;
      const cells = [theirs ?? 0, ours, ratio].map((value) => shown(value).padStart(10)).join("");
      process.stdout.write(`  ${figure.name.padEnd(38)}${cells}\n`);
    }
  }
}

const shown = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toString() : value.toFixed(2);

export interface Circumstances {
  readonly versions: Readonly<Record<string, string>>;
  readonly tls: boolean;
  readonly realWorkers: number;
  readonly fakeWorkers: number;
}

/** Replaces what was measured anew, in the record and on the page; the rest stays as it was. */
export function writeRecord(found: readonly Measured[], circumstances: Circumstances): void {
  const facts = {
    ...source(),
    date: new Date().toISOString(),
    loadAverage: loadavg()[1],
    realTime: isRealTime(),
    ...circumstances,
    versions: { node: process.version, ...circumstances.versions },
  };
  const fresh = found.map((one) => ({ ...one, ...facts }));
  const before = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).entries : [];
  const isFresh = ({ name }: Measured) => fresh.some((one) => one.name === name);
  const kept = (before as Measured[]).filter((one) => !isFresh(one));
  writeTable([...kept, ...fresh]);
  writeFileSync(
    path,
    `${JSON.stringify({ machine: machine(), entries: [...kept, ...fresh] }, null, 2)}\n`,
  );
}
