// What the programs found on both schedulers, as a table for people and as a record. Compares;
// measures nothing.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { isRealTime, machine, source } from "../circumstances.js";
import { type Entry, writeTable } from "./page.js";
import type { Both } from "./repeat.js";
import { programNames } from "./run.js";

const path = fileURLToPath(new URL("../../../results/python-programs.json", import.meta.url));

type Results = Readonly<Record<string, Both>>;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** @returns parts whose results differ */
export function printTable(found: Results): string[] {
  const differing: string[] = [];
  const rows = [["program", "part", "dask s", "acme s", "ratio", "result"]];
  for (const [name, { dask, acme }] of Object.entries(found)) {
    for (const [part, theirs] of Object.entries(dask.seconds)) {
      const ours = acme.seconds[part] ?? Number.NaN;
      const isSame = same(dask.values[part], acme.values[part]);
      if (!isSame) differing.push(`${name}, ${part}`);
      const ratio = (theirs / ours).toFixed(2);
      const times = [theirs.toFixed(2), ours.toFixed(2), ratio];
      rows.push([name, part, ...times, isSame ? "equal" : "DIFFERENT"]);
    }
    const cpu = [dask, acme].map(({ schedulerCpuSeconds }) => schedulerCpuSeconds.toFixed(2));
    rows.push([name, "scheduler's CPU", ...cpu, "", ""]);
    const ofWorkers = [dask, acme].map(({ workerCpuSeconds }) => workerCpuSeconds.toFixed(2));
    rows.push([name, "workers' CPU", ...ofWorkers, "", ""]);
  }
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  for (const row of rows) {
    process.stdout.write(`${row.map((cell, at) => cell.padEnd(widths[at]!)).join("  ")}\n`);
  }
  return differing;
}

export interface Circumstances {
  readonly versions: Readonly<Record<string, string>>;
  readonly workers: number;
  readonly tls: boolean;
  /** Runs on each scheduler; figures are medians. */
  readonly times: number;
}

/** Replaces the programs that ran; the others stay as they were. */
export function writeRecord(found: Results, circumstances: Circumstances): void {
  const facts = {
    ...source(),
    date: new Date().toISOString(),
    loadAverage: loadavg()[1],
    realTime: isRealTime(),
    ...circumstances,
    versions: { node: process.version, ...circumstances.versions },
  };
  const fresh = Object.entries(found).map(([program, { dask, acme }]) => ({
    program,
    ...facts,
    equal: same(dask.values, acme.values),
    values: dask.values,
    ...(same(dask.values, acme.values) ? {} : { valuesOfAcme: acme.values }),
    seconds: { dask: dask.seconds, acme: acme.seconds },
    schedulerCpuSeconds: { dask: dask.schedulerCpuSeconds, acme: acme.schedulerCpuSeconds },
    workerCpuSeconds: { dask: dask.workerCpuSeconds, acme: acme.workerCpuSeconds },
    foreignShare: { dask: dask.foreignShare, acme: acme.foreignShare },
  }));
  const before = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).programs : [];
  const kept = (before as Entry[]).filter(({ program }) => !(program in found));
  const place = ({ program }: Entry) => programNames.indexOf(program as never);
  const programs = [...kept, ...fresh].sort((a, b) => place(a) - place(b));
  writeFileSync(path, `${JSON.stringify({ machine: machine(), programs }, null, 2)}\n`);
  writeTable(programs);
}
