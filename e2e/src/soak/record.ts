// The file that a soak leaves: which commit ran, where, for how long, what it found. Files of the
// same name are replaced, so the repository's history is their history.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Findings } from "./findings.js";

type Circumstances = typeof import("../../bench/circumstances.js");
/** Compiled beside this folder. */
const circumstances = new URL("../bench/circumstances.js", import.meta.url).href;
const { loadAverages, machine, source } = (await import(circumstances)) as Circumstances;

const results = fileURLToPath(new URL("../../results/", import.meta.url));

/** Writes `e2e/results/soak-<name>.json`. */
export function writeRecord(name: string, findings: Findings, startedAt: Date): void {
  const { figures, failures } = findings;
  const record = {
    soak: name,
    passed: failures.length === 0,
    failures,
    figures,
    ...source(),
    date: startedAt.toISOString(),
    durationSeconds: Math.round((Date.now() - startedAt.getTime()) / 1_000),
    machine: { ...machine(), node: process.version, loadAverageAtEnd: loadAverages() },
  };
  mkdirSync(results, { recursive: true });
  writeFileSync(`${results}soak-${name}.json`, `${JSON.stringify(record, null, 2)}\n`);
}
