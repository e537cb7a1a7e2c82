// A task that holds more memory than the pause limit allows, for a while: its worker begins nothing
// new meanwhile, and goes on afterwards. Says what happened.
import { setTimeout as sleep } from "node:timers/promises";
import { Client, LocalCluster } from "@acme/client";

export interface PauseFigures {
  readonly heldBytes: number;
  readonly statuses: readonly string[];
  /** Short tasks that ended while the worker was seen paused. */
  readonly endedWhilePaused: number;
  readonly resumedMs: number;
  readonly right: number;
  readonly workerProcesses: number;
}

export const pauseTasks = 50;

/** Fills memory up to a part of the limit, and keeps it for a while. */
const hold = async (upToBytes: number, ms: number): Promise<number> => {
  const kept: Uint8Array[] = [];
  const startedBytes = process.memoryUsage.rss();
  while (process.memoryUsage.rss() < upToBytes) kept.push(new Uint8Array(8 * 2 ** 20).fill(1));
  const heldBytes = process.memoryUsage.rss() - startedBytes;
  await new Promise((resolve) => setTimeout(resolve, ms));
  return kept.length === 0 ? 0 : heldBytes;
};

/**
 * @param memoryLimitBytes - of the one worker, which runs two tasks at once
 * @param holdMs - how long memory is held
 */
export async function pauseAndResume(
  memoryLimitBytes: number,
  holdMs: number,
): Promise<PauseFigures> {
  await using cluster = await LocalCluster.start({
    nWorkers: 1,
    threadsPerWorker: 2,
    memoryLimit: memoryLimitBytes,
    logLevel: "silent",
  });
  await using client = await Client.connect(cluster);
  await client.waitForWorkers(1);
  const [pid] = cluster.workerPids;
  const holding = client.submit(hold, [memoryLimitBytes * 0.87, holdMs], { pure: false });
  const statuses = [await statusOf(client)];
  while (statuses.at(-1) !== "paused" && holding.status === "pending") {
    await sleep(20);
    note(statuses, await statusOf(client));
  }
  const inputs = Array.from({ length: pauseTasks }, (_, i) => i);
  const futures = client.map((x: number) => x + 1, [inputs], { pure: false });
  await sleep(holdMs / 2);
  const stillPaused = (await statusOf(client)) === "paused";
  const ended = futures.filter((future) => future.status === "finished").length;
  const heldBytes = await holding.result();
  const freedMs = performance.now();
  const values = await client.gather(futures);
  note(statuses, await statusOf(client));
  return {
    heldBytes,
    statuses,
    endedWhilePaused: stillPaused ? ended : -1,
    resumedMs: Math.round(performance.now() - freedMs),
    right: values.filter((value, i) => value === i + 1).length,
    workerProcesses: cluster.workerPids[0] === pid ? 1 : 2,
  };
}

function note(statuses: string[], status: string): void {
  if (statuses.at(-1) !== status) statuses.push(status);
}

async function statusOf(client: Client): Promise<string> {
  const { workers } = await client.schedulerInfo();
  return String(Object.values(workers)[0]?.status ?? "gone");
}
