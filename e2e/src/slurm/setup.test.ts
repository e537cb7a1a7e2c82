// One line that starts workers on a real SLURM, as users write it: in a program of its own, with its
// own output.
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { execa } from "execa";
import { beforeEach, expect, it } from "vitest";
import { type SlurmFarm, slurmFarm } from "./farm.js";

const require = createRequire(import.meta.url);
let farm: SlurmFarm;

beforeEach(async (context) => {
  farm = await slurmFarm(context);
});

async function runProgram(body: string) {
  const path = join(farm.shared, "program.mjs");
  const jobqueue = JSON.stringify(require.resolve("@acme/jobqueue"));
  const client = JSON.stringify(require.resolve("@acme/client"));
  writeFileSync(
    path,
    `import { esiClusterSetup, slurmClusterSetup } from ${jobqueue};
     import { ParallelMap } from ${client};
     const begin = performance.now();
     ${body}`,
  );
  try {
    return await execa("node", [path], { env: farm.env, cwd: farm.shared, reject: false });
  } finally {
    rmSync(path);
  }
}

async function queued(): Promise<string[]> {
  const states = ["PENDING", "RUNNING", "COMPLETING"];
  return (await farm.squeue()).filter(({ state }) => states.includes(state)).map(({ id }) => id);
}

it("starts workers, runs a map on them, and leaves nothing when the client is closed", async () => {
  const { stdout, stderr, exitCode } = await runProgram(`
    const client = await esiClusterSetup(4, "8GBXS", { nWorkersStartup: 4 });
    const map = new ParallelMap((x) => x * x, [1, 2, 3, 4]);
    console.log(JSON.stringify(await map.compute({ output: "memory" })));
    await client.close();
  `);
  expect([stdout, exitCode]).toEqual(["[1,4,9,16]", 0]);
  expect(stderr).toContain(
    "<esiClusterSetup> asking for 4 workers in 8GBXS: 1 core, 1900 MiB each",
  );
  expect(stderr).toMatch(/ready: 0\/4 {2}\[elapsed time 00:00 \| timeout at 01:00\]/);
  expect(stderr).toMatch(/<esiClusterSetup> ready: 4 workers at tls:/);
  expect(stderr).toMatch(/status page: http:\/\/127\.0\.0\.1:\d+\/status/);
  expect(await queued()).toEqual([]);
});

it("says at once why no worker can come", async () => {
  const { stdout } = await runProgram(`
    const request = { partition: "16GBS", walltime: "10:00:00" };
    await slurmClusterSetup(request).catch((error) => console.log(error.code, error.message));
    console.log(performance.now() - begin < 10_000);
  `);
  expect(stdout).toMatch(/^WORKERS_NOT_STARTED .*PartitionTimeLimit/);
  expect(stdout).toMatch(/\ntrue$/);
  expect(await queued()).toEqual([]);
});

it("names the partitions there are, and asks for nothing", async () => {
  const { stdout } = await runProgram(`
    const request = { partition: "none", nWorkers: 2 };
    await slurmClusterSetup(request).catch((error) => console.log(error.message));
  `);
  expect(stdout).toBe("partition: there is no none; there are 8GBXS, 16GBS, preempt, urgent");
});

it("chooses a partition that suffices", async () => {
  const { stderr, exitCode } = await runProgram(`
    const client = await slurmClusterSetup({ partition: "auto", memoryEstimate: "2 GB" });
    await client.close();
  `);
  expect(stderr).toMatch(/asking for 1 worker in 8GBXS/);
  expect(exitCode).toBe(0);
});
