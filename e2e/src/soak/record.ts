// The file that a soak leaves: which commit ran, where, for how long, what it found. Files of the
// same name are replaced, so the repository's history is their history.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import type { Findings } from "./findings.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
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
    machine: machine(),
  };
  mkdirSync(results, { recursive: true });
  writeFileSync(`${results}soak-${name}.json`, `${JSON.stringify(record, null, 2)}\n`);
}

/** `modified`: what ran was not just this commit, so the record cannot be traced to it alone. */
function source(): { commit: string; modified: boolean } {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" });
  const changed = git("status", "--porcelain", "--", "packages", "e2e/src").trim();
  return { commit: git("rev-parse", "HEAD").trim(), modified: changed !== "" };
}

function machine(): object {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? "unknown",
    cores: cores.length,
    memoryBytes: totalmem(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    /** Over the last minutes: times mean little when others used the machine too. */
    loadAverageAtEnd: loadavg().map((load) => Math.round(load * 10) / 10),
  };
}
