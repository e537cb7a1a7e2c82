// One line that starts workers on a real SLURM, as users write it: in a program of its own, with its
// own output.
import { beforeEach, expect, it } from "vitest";
import { type SlurmFarm, slurmFarm } from "./farm.js";
import { queued, runUserProgram } from "./user-program.js";

let farm: SlurmFarm;

beforeEach(async (context) => {
  farm = await slurmFarm(context);
});

const runProgram = (body: string) =>
  runUserProgram(
    farm,
    "esiClusterSetup, slurmClusterSetup, ParallelMap",
    `const begin = performance.now();\n${body}`,
  );

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
  expect(await queued(farm)).toEqual([]);
});

it("says at once why no worker can come", async () => {
  const { stdout } = await runProgram(`
    const request = { partition: "16GBS", walltime: "10:00:00" };
    await slurmClusterSetup(request).catch((error) => console.log(error.code, error.message));
    console.log(performance.now() - begin < 10_000);
  `);
  expect(stdout).toMatch(/^WORKERS_NOT_STARTED .*PartitionTimeLimit/);
  expect(stdout).toMatch(/\ntrue$/);
  expect(await queued(farm)).toEqual([]);
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
