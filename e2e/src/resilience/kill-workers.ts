// Kills real worker processes while they work, and says what became of the tasks and how soon a
// killed worker was back. Whether that is good is for those who call it.
import { setTimeout as sleep } from "node:timers/promises";
import { Client, LocalCluster } from "@acme/client";

export const killedAmong = { workers: 4, kills: 5, tasks: 1_200, taskMs: 20 } as const;
/** A worker that is not back after this long is given up. */
const missingMs = 10_000;

export interface KillFigures {
  readonly tookMs: number;
  /** From each kill until the scheduler has as many workers as before. */
  readonly backMs: readonly number[];
  readonly right: number;
  /** Errors of tasks, by name; none is allowed. */
  readonly rejected: readonly string[];
}

const square = async (x: number, ms: number): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return x * x;
};

/** One run: a map over all workers, one of which is killed each second. */
export async function killWorkers(): Promise<KillFigures> {
  const { workers, kills, tasks, taskMs } = killedAmong;
  await using cluster = await LocalCluster.start({
    nWorkers: workers,
    threadsPerWorker: 1,
    logLevel: "silent",
  });
  await using client = await Client.connect(cluster);
  await client.waitForWorkers(workers);
  const inputs = Array.from({ length: tasks }, (_, i) => i);
  const startedMs = performance.now();
  const futures = client.map(square, [inputs], { args: [taskMs] });
  const backMs: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    await sleep(1_000);
    backMs.push(await killOne(cluster, client, kill));
  }
  const ends = await Promise.allSettled(futures.map((future) => future.result()));
  const rejected = ends.filter((end) => end.status === "rejected");
  return {
    tookMs: Math.round(performance.now() - startedMs),
    backMs,
    right: ends.filter((end, x) => end.status === "fulfilled" && end.value === x * x).length,
    rejected: rejected.map(({ reason }) => String((reason as Error).name)),
  };
}

/** Kills a worker and waits until the scheduler has as many as before; gives the time in ms. */
async function killOne(cluster: LocalCluster, client: Client, turn: number): Promise<number> {
  const before = new Set((await client.ncores()).keys());
  const pids = cluster.workerPids;
  process.kill(pids[turn % pids.length] as number, "SIGKILL");
  const killedMs = performance.now();
  for (;;) {
    const now = [...(await client.ncores()).keys()];
    const isBack = now.length === killedAmong.workers && now.some((one) => !before.has(one));
    const tookMs = performance.now() - killedMs;
    if (isBack || tookMs > missingMs) return Math.round(tookMs);
    await sleep(10);
  }
}
