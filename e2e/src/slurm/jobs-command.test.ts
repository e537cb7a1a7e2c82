// `acme jobs` on a real SLURM: whose jobs are in the queue, and the end of those that are nobody's.
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type SlurmFarm, slurmFarm } from "./farm.js";
import { queued } from "./user-program.js";

const require = createRequire(import.meta.url);
const bin = join(dirname(require.resolve("@acme/acme/package.json")), "bin", "acme.js");
const neverCloses = fileURLToPath(new URL("./fixtures/never-closes.mjs", import.meta.url));

let farm: SlurmFarm;
beforeEach(async (context) => {
  farm = await slurmFarm(context);
});

afterEach(async () => {
  await farm.reset();
  await expect.poll(() => queued(farm), { timeout: 20_000 }).toEqual([]);
});

const acme = (...words: string[]) =>
  execa(process.execPath, [bin, ...words], { env: farm.env, reject: false, stdin: "ignore" });

it("shows jobs with state, reason, node and owner, and cancels all of one cluster", async () => {
  const owner = execa(process.execPath, [neverCloses], { env: farm.env, reject: false });
  const [tag] = (await once(createInterface(owner.stdout), "line")) as [string];
  const cluster = tag.replace("acme:", "");
  const { stderr } = await acme("jobs");
  expect(stderr).toMatch(/^JOBS +STATE +NODES +START +CLUSTER +OWNER\n/);
  expect(stderr).toMatch(/\d+_\[4-7\] +PENDING \(Resources\) .*alive: process \d+/);
  expect(stderr).toMatch(/\d+_0 +RUNNING +node\d +\d\d:\d\d:\d\d \(\d+ s ago\) /);
  const { stdout } = await acme("jobs", "--json");
  const jobs = JSON.parse(stdout) as { cluster: string; owner: string; refs: unknown[] }[];
  expect(jobs.reduce((sum, { refs }) => sum + refs.length, 0)).toBe(8);
  expect(new Set(jobs.map((job) => `${job.cluster} ${job.owner}`))).toEqual(
    new Set([`${cluster} alive`]),
  );

  const kept = await acme("jobs", "clean", "--yes");
  expect(kept.stderr).toBe(
    "No jobs of clusters that are gone. 8 jobs of clusters that may be alive stay.",
  );
  const asked = await acme("jobs", "clean", cluster);
  expect(asked.exitCode).toBe(1);
  expect(asked.stderr).toContain("Nothing was cancelled: there is nobody to ask.");
  expect(await queued(farm)).not.toEqual([]);
  const wrong = await acme("jobs", "clean", "other", "--yes");
  expect([wrong.exitCode, wrong.stderr]).toEqual([1, expect.stringContaining(cluster)]);
  // Or it would replace what is cancelled.
  owner.kill("SIGSTOP");
  try {
    const done = await acme("jobs", "clean", cluster, "--yes");
    expect(done.stderr).toMatch(/cancelled \d+_\[4-7\] of jobqueue-/);
    expect(done.exitCode).toBe(0);
    await expect.poll(() => queued(farm), { timeout: 20_000 }).toEqual([]);
  } finally {
    owner.kill("SIGKILL");
  }
});

it("cancels the jobs of clusters that are gone, and says so", async () => {
  const script = "#SBATCH --comment=acme:jobqueue-gone\nsleep 300";
  const id = await farm.sbatch(script, "--array=0-1");
  const other = await farm.sbatch("sleep 300");
  await farm.jobsReach(id, ["RUNNING"]);
  const { stderr, exitCode } = await acme("jobs", "clean", "--yes");
  expect(stderr).toContain("cancelled ");
  expect(stderr).toMatch(/RUNNING .* jobqueue-gone +gone/);
  expect(exitCode).toBe(0);
  await farm.jobsReach(id, ["CANCELLED"]);
  expect(await queued(farm)).toEqual([other]);
  await farm.run("scancel", [other]);
  await farm.jobsReach(other, ["CANCELLED"]);
  expect((await acme("jobs", "clean")).stderr).toBe("No jobs of clusters that are gone.");
  expect((await acme("jobs")).stderr).toBe("None of your clusters has jobs in the queue.");
});
