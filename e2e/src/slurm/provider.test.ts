// A map without a client, as users write it: on a machine with SLURM its workers are jobs, elsewhere
// processes, and the program says which.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { type SlurmFarm, slurmFarm } from "./farm.js";
import { queued, runUserProgram } from "./user-program.js";

let farm: SlurmFarm;
beforeEach(async (context) => {
  farm = await slurmFarm(context);
});

const map = (options: string) => `
  const where = () => process.env.SLURM_ARRAY_JOB_ID ?? "here";
  const places = await ParallelMap.times(6, where).compute({ output: "memory", ${options} });
  console.log(JSON.stringify([...new Set(places)]));
`;

it("runs on jobs of SLURM where it is, and leaves none", async () => {
  const options = 'nWorkers: 2, partition: "16GBS", memPerWorker: "500 MB"';
  const { stdout, stderr, exitCode } = await runUserProgram(farm, "ParallelMap", map(options));
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^\["\d+"\]$/)]);
  expect(stderr).toContain(
    "<slurmClusterSetup> asking for 2 workers in 16GBS: 1 core, 477 MiB each",
  );
  expect(stderr).toContain("calls of where on a cluster of its own, SLURM jobs (tls://");
  expect(await queued(farm)).toEqual([]);
  const clusters = readdirSync(join(farm.env.ACME_HOME as string, "clusters"));
  expect(clusters.filter((name) => name.startsWith("jobqueue"))).toEqual([]);
});

it("asks for a worker per call if nobody says how many, and prints nothing if told so", async () => {
  const body = map("progress: false");
  const { stdout, stderr } = await runUserProgram(farm, "ParallelMap", body);
  expect([stdout, stderr]).toEqual([expect.stringMatching(/^\["\d+"\]$/), ""]);
  const told = await runUserProgram(farm, "ParallelMap", map(""));
  expect(told.stderr).toContain("asking for 6 workers in 8GBXS");
});

it("runs on this machine where SLURM does not answer, or is not", async () => {
  const away = { SLURM_CONF: join(farm.shared, "no-such.conf") };
  const silent = await runUserProgram(farm, "ParallelMap", map(""), away);
  expect(silent.stdout).toBe('["here"]');
  expect(silent.stderr).toMatch(/it does not answer \(.+\): using this machine/);
  expect(silent.stderr).toContain("a cluster of its own, this machine (tls://127.0.0.1:");
  const none = { PATH: join(farm.shared, "no-commands") };
  const without = await runUserProgram(farm, "ParallelMap", map(""), none);
  expect(without.stdout).toBe('["here"]');
  expect(without.stderr).not.toContain("SLURM");
});

it("says why SLURM refused, and does not go elsewhere behind one's back", async () => {
  const { stderr, exitCode } = await runUserProgram(farm, "ParallelMap", map('partition: "none"'));
  expect(exitCode).toBe(1);
  expect(stderr).toContain(
    "no cluster of SLURM jobs was started: partition: there is no none; there are 8GBXS, 16GBS",
  );
});

it("has options for the cluster ignored, aloud, where there is one already", async () => {
  const body = `
    const client = await slurmClusterSetup(1, "8GBXS");
    ${map("client, nWorkers: 5")}
    await client.close();
  `;
  const { stderr } = await runUserProgram(farm, "ParallelMap, slurmClusterSetup", body);
  expect(stderr).toContain("ignored, since the given client has its workers already: nWorkers");
});
