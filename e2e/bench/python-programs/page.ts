// The table of docs/python.md, made of the record alone: what each program took on either scheduler.
// Measures and compares nothing.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const page = fileURLToPath(new URL("../../../../docs/python.md", import.meta.url));
const opening = "<!-- programs: made by e2e/dist/bench/python-programs/main.js -->";
const closing = "<!-- end of programs -->";

interface Pair<T> {
  readonly dask: T;
  readonly acme: T;
}

/** What the record says of one program. */
export interface Entry {
  readonly program: string;
  readonly commit: string;
  readonly date: string;
  readonly workers: number;
  readonly tls: boolean;
  readonly equal: boolean;
  readonly versions: Readonly<Record<string, string>>;
  readonly seconds: Pair<Readonly<Record<string, number>>>;
  readonly schedulerCpuSeconds: Pair<number>;
  readonly workerCpuSeconds: Pair<number>;
  readonly foreignShare: Pair<number>;
}

/** Puts the table where the page has its place. @throws Error if it has none */
export function writeTable(entries: readonly Entry[]): void {
  const text = readFileSync(page, "utf8");
  const from = text.indexOf(opening);
  const to = text.indexOf(closing);
  if (from < 0 || to < from) throw new Error(`${page} has no place for the table of programs`);
  const made = `${opening}\n\n${tableOf(entries)}\n`;
  writeFileSync(page, text.slice(0, from) + made + text.slice(to));
}

/** A row per part of each program, and one each with what its scheduler and its workers took. */
export function tableOf(entries: readonly Entry[]): string {
  const rows = [["program", "part", "dask, s", "acme, s", "dask / acme", "results"]];
  for (const entry of entries) {
    const { program, equal, seconds, foreignShare } = entry;
    const result = equal ? "equal" : "differ";
    for (const [part, dask] of Object.entries(seconds.dask)) {
      rows.push([program, part, ...pairOf(dask, seconds.acme[part] ?? Number.NaN), result]);
    }
    const { schedulerCpuSeconds: ofScheduler, workerCpuSeconds: ofWorkers } = entry;
    const others = othersIn(foreignShare);
    rows.push([program, "scheduler's CPU", ...pairOf(ofScheduler.dask, ofScheduler.acme), others]);
    rows.push([program, "workers' CPU", ...pairOf(ofWorkers.dask, ofWorkers.acme), others]);
  }
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return `${[line(rows[0]!), rule, ...rows.slice(1).map(line)].join("\n")}\n`;
}

const pairOf = (dask: number, acme: number): string[] => [
  dask.toFixed(2),
  acme.toFixed(2),
  (dask / acme).toFixed(2),
];

/** How much of the machine went to other programs meanwhile. */
const othersIn = ({ dask, acme }: Pair<number>): string =>
  `others ${Math.round(dask * 100)} %, ${Math.round(acme * 100)} %`;
