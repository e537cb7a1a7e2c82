// A task whose typed arrays grow without end: V8 sets no limit to them, so the nanny has to end its
// worker, again and again, until the task is blamed. All other tasks have to come right.
import { tmpdir } from "node:os";
import { Client, LocalCluster } from "@acme/client";
import { PeakWatch } from "./real-memory.js";

export interface RunAwayFigures {
  /** Name of the error that the guilty task ended with, or what it gave. */
  readonly guilty: string;
  readonly message: string;
  readonly blamedMs: number;
  readonly right: number;
  /** Errors of the other tasks, by name. */
  readonly others: readonly string[];
  readonly workerProcesses: number;
  readonly peakWorkerBytes: number;
}

export const innocentTasks = 400;
const workers = 2;

/** Ends by itself far beyond the limit, so that a nanny that does nothing harms nobody. */
const runAway = async (pieceBytes: number, atMostBytes: number): Promise<string> => {
  const kept: Uint8Array[] = [];
  while (kept.length * pieceBytes < atMostBytes) {
    kept.push(new Uint8Array(pieceBytes).fill(1));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return `kept ${kept.length * pieceBytes} bytes`;
};

const shortTask = async (x: number): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, 10));
  return x + 1;
};

/** @param memoryLimitBytes - of each of two workers, which run one task at once */
export async function runTaskAway(memoryLimitBytes: number): Promise<RunAwayFigures> {
  await using cluster = await LocalCluster.start({
    nWorkers: workers,
    threadsPerWorker: 1,
    memoryLimit: memoryLimitBytes,
    logLevel: "silent",
  });
  await using client = await Client.connect(cluster);
  await client.waitForWorkers(workers);
  const watch = new PeakWatch(() => cluster.workerPids, `${tmpdir()}/acme-nothing`);
  const inputs = Array.from({ length: innocentTasks / 2 }, (_, i) => i);
  const before = client.map(shortTask, [inputs], { pure: false });
  const startedMs = performance.now();
  const args: [number, number] = [memoryLimitBytes / 25, memoryLimitBytes * 3];
  const guilty = client.submit(runAway, args, { pure: false });
  const after = client.map(shortTask, [inputs], { pure: false });
  const end = await guilty.result({ timeoutMs: 120_000 }).catch((error: Error) => error);
  const blamedMs = Math.round(performance.now() - startedMs);
  const ends = await Promise.allSettled([...before, ...after].map((one) => one.result()));
  watch.stop();
  const isRight = (one: PromiseSettledResult<number>, i: number) =>
    one.status === "fulfilled" && one.value === (i % inputs.length) + 1;
  const rejected = ends.filter((one) => one.status === "rejected");
  return {
    guilty: end instanceof Error ? end.name : end,
    message: end instanceof Error ? end.message : "",
    blamedMs,
    right: ends.filter(isRight).length,
    others: rejected.map(({ reason }) => String((reason as Error).name)),
    workerProcesses: watch.pids.size,
    peakWorkerBytes: watch.peakWorkerBytes,
  };
}
