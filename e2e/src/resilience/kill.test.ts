// Real worker processes are killed with SIGKILL while they work. No future may be rejected, every
// result must be right, and a killed worker must be back quickly. Corresponds to what the
// simulator tries a thousand times without processes.
import { setTimeout as sleep } from "node:timers/promises";
import { Client, LocalCluster } from "@acme/client";
import { expect, it } from "vitest";

const workers = 4;
const kills = 8;
const tasks = 2000;
const taskMs = 20;

it("loses nothing when workers are killed, one a second", async () => {
  await using cluster = await LocalCluster.start({
    nWorkers: workers,
    threadsPerWorker: 1,
    logLevel: "silent",
  });
  await using client = await Client.connect(cluster);
  await client.waitForWorkers(workers);
  const inputs = Array.from({ length: tasks }, (_, i) => i);
  const square = async (x: number) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return x * x;
  };
  const started = performance.now();
  const futures = client.map(square, [inputs]);
  const backMs: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    await sleep(1000);
    backMs.push(await killOne(cluster, client, kill));
  }
  const values = await client.gather(futures);
  const tookMs = performance.now() - started;
  console.info(
    `${tasks} tasks of ${taskMs} ms in ${tookMs.toFixed(0)} ms; back after ms: ${backMs}`,
  );
  expect(values).toEqual(inputs.map((x) => x * x));
  expect(Math.max(...backMs)).toBeLessThan(1000);
});

/** Kills a worker and waits until the scheduler has as many as before; gives the time in ms. */
async function killOne(cluster: LocalCluster, client: Client, turn: number): Promise<number> {
  const before = new Set((await client.ncores()).keys());
  const pid = cluster.workerPids[turn % workers] as number;
  process.kill(pid, "SIGKILL");
  const killedMs = performance.now();
  for (;;) {
    const now = [...(await client.ncores()).keys()];
    const isBack = now.length === workers && now.some((address) => !before.has(address));
    const tookMs = performance.now() - killedMs;
    if (isBack || tookMs > 10_000) {
      console.info(`killed worker process ${pid}, back after ${tookMs.toFixed(0)} ms`);
      return Math.round(tookMs);
    }
    await sleep(10);
  }
}
