// Jobs whose time is shorter than the work: others take over before they end, and no task is cut
// short by the limit.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@acme/client";
import { SLURMCluster } from "@acme/jobqueue";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type SlurmFarm, slurmFarm } from "./farm.js";

let farm: SlurmFarm;

beforeEach(async (context) => {
  farm = await slurmFarm(context);
  for (const [name, value] of Object.entries(farm.env)) vi.stubEnv(name, value);
});

afterEach(() => vi.unstubAllEnvs());

it("works for longer than any of its jobs may run", { timeout: 240_000 }, async () => {
  const small = { cores: 1, memory: "400 MB", queue: "8GBXS", logLevel: "silent" } as const;
  await using cluster = await SLURMCluster.start({ ...small, walltime: "00:01:00" });
  await cluster.scale(2);
  await cluster.waitForWorkers(2, { timeoutMs: 60_000 });
  const client = await Client.connect(cluster);
  const ledger = join(farm.shared, `walltime-${process.pid}`);
  const slow = async (x: number, path: string) => {
    process.getBuiltinModule("node:fs").appendFileSync(path, `${x}\n`);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    return x;
  };
  const numbers = Array.from({ length: 38 }, (_, i) => i);
  const beginMs = performance.now();
  const values = await client.gather(client.map(slow, [numbers], { args: [ledger] }));
  expect(performance.now() - beginMs).toBeGreaterThan(60_000);
  expect(values).toEqual(numbers);
  const runs = readFileSync(ledger, "utf8").trim().split("\n");
  expect(runs).toHaveLength(38);
  rmSync(ledger);
  const outcomes = cluster.jobs().map(({ outcome }) => outcome);
  expect(outcomes).not.toContain("timeout");
  expect(outcomes.filter((outcome) => outcome === "completed").length).toBeGreaterThan(1);
  await client.close();
});
