// Results that do not fit into a worker's memory limit: they go to disk and come back. Says what
// happened; whether that is good is for those who call it.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type Future, LocalCluster, wait } from "@acme/client";
import { PeakWatch } from "./real-memory.js";

export interface SpillOptions {
  readonly workers?: number | undefined;
  /** Of each worker. */
  readonly memoryLimit: string;
  readonly values: number;
  readonly valueBytes: number;
  /** Values fetched in one request, so that this process need not hold all of them. */
  readonly gatherAtOnce: number;
}

export interface SpillFigures {
  readonly right: number;
  readonly computedMs: number;
  readonly gatheredMs: number;
  readonly storedBytes: number;
  readonly peakSpilledBytes: number;
  readonly peakWorkerBytes: number;
  /** Of this process: client, scheduler, nannies. */
  readonly peakHostBytes: number;
  readonly workerProcesses: number;
  /** What remains in the cluster's folder after it was closed. */
  readonly leftBehind: readonly string[];
}

const make = (seed: number, length: number): Float64Array => {
  const array = new Float64Array(length);
  for (let i = 0; i < length; i++) array[i] = seed * 1_000 + (i % 977);
  return array;
};

/** Computes all values, waits for the last, then fetches them. */
export async function spillAndGather(options: SpillOptions): Promise<SpillFigures> {
  const folder = mkdtempSync(join(tmpdir(), "acme-spill-"));
  try {
    const figures = await run(options, folder);
    return { ...figures, leftBehind: readdirSync(folder) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(options: SpillOptions, folder: string) {
  const { workers = 1, memoryLimit, values, valueBytes } = options;
  await using cluster = await LocalCluster.start({
    nWorkers: workers,
    threadsPerWorker: 1,
    memoryLimit,
    localDirectory: folder,
    logLevel: "silent",
  });
  await using client = await Client.connect(cluster);
  await client.waitForWorkers(workers);
  const watch = new PeakWatch(() => cluster.workerPids, folder);
  const startedMs = performance.now();
  const seeds = Array.from({ length: values }, (_, i) => i);
  const futures = client.map(make, [seeds], { args: [valueBytes / 8] });
  await wait(futures);
  const computedMs = performance.now() - startedMs;
  const right = await countRight(client, futures, options);
  watch.stop();
  return {
    right,
    computedMs: Math.round(computedMs),
    gatheredMs: Math.round(performance.now() - startedMs - computedMs),
    storedBytes: values * valueBytes,
    peakSpilledBytes: watch.peakFolderBytes,
    peakWorkerBytes: watch.peakWorkerBytes,
    peakHostBytes: watch.peakHostBytes,
    workerProcesses: watch.pids.size,
  };
}

async function countRight(
  client: Client,
  futures: readonly Future<Float64Array>[],
  { gatherAtOnce, valueBytes }: SpillOptions,
): Promise<number> {
  let right = 0;
  for (let from = 0; from < futures.length; from += gatherAtOnce) {
    const some = await client.gather(futures.slice(from, from + gatherAtOnce));
    right += some.filter((value, i) => isRight(value, from + i, valueBytes / 8)).length;
  }
  return right;
}

/** Compares every element: a sum would not notice values that changed places. */
function isRight(value: Float64Array, seed: number, length: number): boolean {
  if (value.length !== length) return false;
  for (let i = 0; i < length; i++) if (value[i] !== seed * 1_000 + (i % 977)) return false;
  return true;
}
