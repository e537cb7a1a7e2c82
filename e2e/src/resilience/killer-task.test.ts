// One task that kills its own process among many harmless ones: exactly that one may err.
import { Client, LocalCluster } from "@acme/client";
import { expect, it } from "vitest";

it("blames only the task that kills its process", async () => {
  await using cluster = await LocalCluster.start({ nWorkers: 2, logLevel: "silent" });
  await using client = await Client.connect(cluster);
  const harmless = client.map((x: number) => x + 1, [Array.from({ length: 500 }, (_, i) => i)]);
  const killer = client.submit(() => process.kill(process.pid, "SIGKILL"), [], { pure: false });
  const more = client.map((x: number) => x + 2, [Array.from({ length: 500 }, (_, i) => i)]);
  const started = performance.now();
  await expect(killer.result()).rejects.toMatchObject({ name: "KilledWorker" });
  const blamedMs = performance.now() - started;
  expect(await client.gather(harmless)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
  expect(await client.gather(more)).toEqual(Array.from({ length: 500 }, (_, i) => i + 2));
  console.info(`the killer was blamed after ${blamedMs.toFixed(0)} ms; 1000 others are right`);
});
