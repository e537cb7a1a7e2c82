// What the parts of the SLURM soak share: small clusters on the farm, waiting for something to be
// true, and a ledger of what tasks did. Judges nothing.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type JobQueueOptions, type JobReport, SLURMCluster } from "@acme/jobqueue";
import type { SlurmFarm } from "../../slurm/farm.js";

const small: JobQueueOptions = { cores: 1, memory: "400 MB", queue: "8GBXS", logLevel: "silent" };

/** A cluster whose workers are all there. */
export async function clusterOf(
  workers: number,
  options: JobQueueOptions = {},
): Promise<SLURMCluster> {
  const cluster = await SLURMCluster.start({ ...small, ...options });
  try {
    await cluster.scale(workers);
    await cluster.waitForWorkers(workers, { timeoutMs: 90_000 });
    return cluster;
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

export const phasesOf = (cluster: SLURMCluster, phase: JobReport["phase"]): JobReport[] =>
  cluster.jobs().filter((job) => job.phase === phase);

/** Milliseconds until it was true. @throws Error after the time given */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  withinMs: number,
): Promise<number> {
  const beginMs = performance.now();
  while (!(await isTrue())) {
    if (performance.now() - beginMs > withinMs) throw new Error(`${what}: not in ${withinMs} ms`);
    await sleep(100);
  }
  return Math.round(performance.now() - beginMs);
}

/** How often each number was written into a file, one per line. */
export function countsIn(ledger: string): Map<number, number> {
  const counts = new Map<number, number>();
  for (const line of readFileSync(ledger, "utf8").trim().split("\n")) {
    counts.set(Number(line), (counts.get(Number(line)) ?? 0) + 1);
  }
  return counts;
}

/** What the queue still has of a cluster; jobs that are being ended count. */
export async function inQueue(farm: SlurmFarm, tag: string): Promise<string[]> {
  const text = await farm.run("squeue", ["--noheader", "--array", "--format=%i %T %k"]);
  return text.split("\n").filter((line) => line.endsWith(` ${tag}`));
}
