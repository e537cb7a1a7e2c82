// Mixed work on a cluster of real processes whose workers are killed, leave, join and freeze:
// results stay right, nothing is left behind, and the memory of each kind of process stays flat.
// The work is in mixed-work.ts, the cluster and what befalls it in mixed-cluster.ts.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { residentBytes } from "../memory/real-memory.js";
import type { Findings, SoakOptions } from "./findings.js";
import type { MixedReport } from "./mixed-client.js";
import { MixedCluster, type Upset } from "./mixed-cluster.js";
import { growthPerMinute, lowestPerMinute, type Point } from "./slope.js";

const MB = 1_000_000;
const defaultMinutes = 10;
/** Of each kind of process, once warm. A leak of one task of 1 KB per round shows. */
const maxSlopeMBPerMinute = 1;
/** Part of the time that is warming up: code is compiled, heaps and pools find their size. */
const warmUpPart = 0.25;
const sampleMs = 2_000;
const upsetEveryMs = 15_000;
/** What happens to the workers, again and again. */
const upsets: readonly Upset[] = ["kill", "freeze", "join", "kill", "freeze", "leave"];
/** For the last rounds to end. */
const patienceMs = 300_000;

type Series = Map<string, Point[]>;

export async function mixed(findings: Findings, options: SoakOptions): Promise<void> {
  const forMs = (options.minutes ?? defaultMinutes) * 60_000;
  const folder = mkdtempSync(join(tmpdir(), "acme-mixed-"));
  try {
    await run(findings, folder, forMs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(findings: Findings, folder: string, forMs: number): Promise<void> {
  await using cluster = await MixedCluster.start(folder);
  const entry = fileURLToPath(new URL("mixed-client.js", import.meta.url));
  const client = fork(entry, [cluster.contactFile, `${forMs}`]);
  const ended = once(client, "exit");
  const series: Series = new Map();
  const sampler = setInterval(() => sample(series, cluster, client.pid ?? -1), sampleMs);
  const stop = new AbortController();
  const upsetting = upsetUntil(cluster, performance.now() + forMs, stop.signal);
  const late = setTimeout(() => client.kill("SIGKILL"), forMs + patienceMs);
  try {
    let report: MixedReport | undefined;
    client.once("message", (message) => {
      report = message as MixedReport;
    });
    await ended;
    clearInterval(sampler);
    noteWork(findings, report);
  } finally {
    clearTimeout(late);
    clearInterval(sampler);
    stop.abort();
    client.kill("SIGKILL");
    await upsetting;
  }
  findings.note("upsets", cluster.upsets);
  noteMemory(findings, series, forMs);
  if (findings.failures.length > 0) findings.note("last output", cluster.output.slice(-20));
}

async function upsetUntil(cluster: MixedCluster, until: number, signal: AbortSignal) {
  for (let turn = 0; performance.now() < until - 2 * upsetEveryMs; turn++) {
    await sleep(upsetEveryMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    await cluster.upset(upsets[turn % upsets.length] as Upset);
  }
}

function sample(series: Series, cluster: MixedCluster, client: number): void {
  const add = (name: string, bytes: number) => {
    if (bytes === 0) return;
    const points = series.get(name) ?? [];
    series.set(name, points);
    points.push([performance.now(), bytes / MB]);
  };
  for (const [name, pid] of Object.entries(cluster.steady)) add(name, residentBytes(pid));
  add("client", residentBytes(client));
  add("other workers", Math.max(0, ...cluster.passing.map(residentBytes)));
}

function noteWork(findings: Findings, report: MixedReport | undefined): void {
  findings.check(report !== undefined, "the client process ended without a report");
  for (const [name, counts] of Object.entries(report?.kinds ?? {})) {
    const { rounds, wrong, errors } = counts;
    findings.note(name, { ...counts, errors: errors.length });
    findings.check(rounds > 0, `${name}: not one round ended`);
    findings.check(wrong === 0, `${name}: ${wrong} wrong results`);
    findings.check(errors.length === 0, `${name}: ${errors.length} errors, first ${errors[0]}`);
  }
  if (report === undefined) return;
  const { keys, processing, why, knownToWorkers } = report.left;
  const known = knownToWorkers.reduce((sum, count) => sum + count, 0);
  findings.note("left", { keys: keys.length, processing: processing.length, knownToWorkers });
  const first = [...keys.slice(0, 3), ...why].join(", ");
  findings.check(keys.length + processing.length + known === 0, `something is left: ${first}`);
}

function noteMemory(findings: Findings, series: Series, forMs: number): void {
  for (const [name, points] of series) {
    const startMs = (points[0]?.[0] ?? 0) + forMs * warmUpPart;
    const warm = points.filter(([atMs]) => atMs >= startMs && atMs <= startMs + forMs);
    const lowest = lowestPerMinute(warm);
    const { slope, error } = growthPerMinute(lowest);
    const round = (value: number | undefined) => Number((value ?? 0).toFixed(3));
    findings.note(`memory of ${name}`, {
      slopeMBPerMinute: round(slope),
      standardError: round(error),
      fromMinute: round((forMs * warmUpPart) / 60_000),
      minutes: lowest.length,
      firstMB: round(lowest[0]?.[1]),
      lastMB: round(lowest.at(-1)?.[1]),
      peakMB: round(Math.max(...points.map(([, value]) => value))),
      lowestMB: lowest.map(([, value]) => Math.round(value)),
    });
    // Other workers are killed before they could grow.
    if (name === "other workers") continue;
    const text = `${name} grows by ${slope.toFixed(2)} MB per minute`;
    findings.check(slope < maxSlopeMBPerMinute, text);
  }
}
