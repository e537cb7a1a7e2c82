// One line that starts workers on a real SLURM, as users write it: in a program of its own, with its
// own output.
import { beforeEach, expect, it } from "vitest";
import { type SlurmFarm, slurmFarm } from "./farm.js";
import { queued, runUserProgram } from "./user-program.js";

let farm: SlurmFarm;

beforeEach(async (context) => {
  farm = await slurmFarm(context);
});

const runProgram = (body: string, env: Record<string, string> = {}) =>
  runUserProgram(
    farm,
    "Client, clusterCleanup, currentClient, esiClusterSetup, localClusterSetup, ParallelMap, slurmClusterSetup",
    `const begin = performance.now();\n${body}`,
    env,
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

it("takes the client that is there, and replaces one that has no workers", async () => {
  const { stdout, stderr, exitCode } = await runProgram(`
    const first = await localClusterSetup({ nWorkers: 1 });
    await first.waitForWorkers(1);
    console.log((await esiClusterSetup(2, "8GBXS")) === first);
    const empty = await localClusterSetup({ nWorkers: 0 });
    const second = await esiClusterSetup(1, "8GBXS");
    console.log(second === empty, empty.isOpen, second === currentClient());
    await clusterCleanup();
    console.log(second.isOpen);
    await clusterCleanup(first);
    await clusterCleanup();
  `);
  expect([stdout, exitCode], stderr).toEqual(["true\nfalse false true\nfalse", 0]);
  expect(stderr).toMatch(/<esiClusterSetup> using the client of tls:.* none was started/);
  expect(stderr).toMatch(/acme: the client of tls:\S+ is closed\n.*nothing was cleaned up/);
  expect(await queued(farm)).toEqual([]);
});

it("without SLURM: a site's own function starts workers here, the plain one says what is missing", async () => {
  const none = { PATH: "/no-commands" };
  const { stdout, stderr, exitCode } = await runProgram(
    `
    await slurmClusterSetup().catch((error) => console.log(error.code, error.message));
    const client = await esiClusterSetup(2, "8GBXS");
    console.log(await client.submit((x) => x + 1, [1]).result());
    await client.close();
  `,
    none,
  );
  expect([stdout, exitCode], stderr).toEqual([
    "JOB_CLUSTER There is no SLURM on this machine: sinfo is not installed\n2",
    0,
  ]);
  expect(stderr).toContain("there is no SLURM on this machine: starting workers here instead");
});

it("says what SLURM's commands said where they do not work", async () => {
  // A file that is there: for one that is not, they look for a minute.
  const away = { SLURM_CONF: "/dev/null" };
  const { stdout } = await runProgram(
    "await slurmClusterSetup().catch((error) => console.log(error.code, error.stderr !== ''));",
    away,
  );
  expect(stdout).toBe("BATCH_COMMAND true");
});

it("fails in time when no worker comes, with nobody to ask, and leaves nothing", async () => {
  const { stdout } = await runProgram(`
    const request = { timeout: 2, jobExtra: ["--begin=now+300"] };
    await slurmClusterSetup(request).catch((error) => console.log(error.code, error.message));
  `);
  expect(stdout).toMatch(/^WORKERS_NOT_STARTED No worker started within 2 s .*BeginTime/);
  expect(await queued(farm)).toEqual([]);
});

it("asks for no more memory than there is, aloud", async () => {
  const { stderr, exitCode } = await runProgram(`
    const client = await slurmClusterSetup({ memPerWorker: "100 GB", coresPerWorker: 1 });
    await client.close();
  `);
  expect(stderr).toMatch(/warning: partition 8GBXS has no \d+ MiB for 1 cores: using 1900 MiB/);
  expect(exitCode).toBe(0);
});
