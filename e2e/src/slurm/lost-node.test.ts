// A node is lost in the middle of a map: by a pulled cable, which nobody announces, and by a power
// cut. Results are right, and the lost workers are back on other nodes.
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@acme/client";
import { SLURMCluster } from "@acme/jobqueue";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type SlurmFarm, slurmFarm } from "./farm.js";

let farm: SlurmFarm;

beforeEach(async (context) => {
  farm = await slurmFarm(context);
  for (const [name, value] of Object.entries(farm.env)) vi.stubEnv(name, value);
});

afterEach(async () => {
  await farm.reset();
  vi.unstubAllEnvs();
});

it.each(["isolate", "crash"] as const)("a map outlives a node: %s", async (loss) => {
  const options = { cores: 1, memory: "400 MB", queue: "8GBXS", logLevel: "silent" } as const;
  await using cluster = await SLURMCluster.start(options);
  // Two jobs fit on each of four nodes, so that there is room for them elsewhere.
  await cluster.scale(4);
  await cluster.waitForWorkers(4, { timeoutMs: 60_000 });
  const client = await Client.connect(cluster);
  const slow = async (x: number) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return x * 2;
  };
  const numbers = Array.from({ length: 1_000 }, (_, i) => i);
  const values = client.gather(client.map(slow, [numbers]));
  await sleep(3_000);
  const up = () => cluster.jobs().filter(({ phase }) => phase === "up");
  const node = up()[0]?.nodes as string;
  const beginMs = performance.now();
  await farm[loss](node);
  const isBack = () => up().length === 4 && up().every(({ nodes }) => nodes !== node);
  while (!isBack()) {
    expect(performance.now() - beginMs).toBeLessThan(45_000);
    await sleep(100);
  }
  expect(await values).toEqual(numbers.map((x) => x * 2));
  await client.close();
});
