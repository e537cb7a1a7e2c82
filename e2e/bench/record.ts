// The file that benchmarks leave: figures with the commit, machine and versions they belong to.
// Results of workloads that were not run again stay as they were.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { isRealTime, machine, source } from "./circumstances.js";
import type { Result } from "./run-workload.js";
import type { Site } from "./site.js";

const path = fileURLToPath(new URL("../../results/bench.json", import.meta.url));

export interface Entry extends Result {
  readonly commit: string;
  /** What ran was not just this commit. */
  readonly modified: boolean;
  readonly date: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Nobody else could take a processor from the benchmark, however busy the machine was. */
  readonly realTime: boolean;
}

export interface BenchRecord {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly entries: readonly Entry[];
}

function readRecord(): BenchRecord {
  if (!existsSync(path)) return { machine: machine(), entries: [] };
  return JSON.parse(readFileSync(path, "utf8"));
}

/** Replaces the entries of the workloads that ran. */
export function writeRecord(results: readonly Result[], site: Site, date: Date): BenchRecord {
  const facts = {
    ...source(),
    date: date.toISOString(),
    versions: versionsOf(site),
    realTime: isRealTime(),
  };
  const fresh = results.map((result) => ({ ...result, ...facts, loadAverage: loadavg()[1] }));
  const isFresh = (entry: Entry) =>
    fresh.some(({ workload, scheme }) => workload === entry.workload && scheme === entry.scheme);
  const kept = readRecord().entries.filter((entry) => !isFresh(entry));
  const record = { machine: machine(), entries: [...kept, ...fresh] };
  writeFileSync(path, `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

export function versionsOf({ dask, esiAcme }: Site): Record<string, string> {
  const ofAcme = esiAcme?.versions ?? {};
  const renamed = Object.entries(ofAcme).map(([name, version]) => [
    name === "esi-acme" ? name : `${name} beside esi-acme`,
    version,
  ]);
  return { node: process.version, ...dask.versions, ...Object.fromEntries(renamed) };
}
