// One program that srun starts several times, on a real SLURM: each process finds its role, the
// client's part runs once, and all of them end, whatever becomes of it.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@acme/client";
import { execa } from "execa";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type SlurmFarm, slurmFarm } from "./farm.js";
import { queued } from "./user-program.js";

const frontDoor = createRequire(import.meta.url).resolve("@acme/acme");
let farm: SlurmFarm;
let folder: string;

beforeEach(async (context) => {
  farm = await slurmFarm(context);
  folder = mkdtempSync(join(farm.shared, "runner-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

/** Writes a program; `run` stands for SLURMRunner's. */
function program(body: string): string {
  const path = join(folder, "program.mjs");
  const from = JSON.stringify(frontDoor);
  writeFileSync(path, `import { ParallelMap, SLURMRunner } from ${from};\n${body}`);
  return path;
}

const squares = `
  const values = await SLURMRunner.run({}, async (client, world) => {
    await client.waitForWorkers(world.nWorkers);
    const map = new ParallelMap((x) => [x * x, process.env.SLURM_PROCID], [1, 2, 3, 4, 5, 6]);
    return map.compute({ output: "memory", progress: false });
  });
  console.log(JSON.stringify(values.map(([square]) => square)));
  console.log(JSON.stringify([...new Set(values.map(([, rank]) => rank))].sort()));
`;
const expected = '[1,4,9,16,25,36]\n["2","3"]';

const srun = (...args: string[]) =>
  execa("srun", args, { env: farm.env, cwd: folder, reject: false, timeout: 100_000 });

it("runs the client's part once, and leaves neither files nor jobs", async () => {
  const { stdout, stderr, exitCode } = await srun("-n4", process.execPath, program(squares));
  expect([exitCode, stdout], stderr).toEqual([0, expected]);
  expect(readdirSync(folder)).toEqual(["program.mjs"]);
  const clusters = readdirSync(join(farm.env.ACME_HOME as string, "clusters"));
  expect(clusters.filter((name) => name.startsWith("scheduler-"))).toEqual([]);
  // srun returns with its processes; SLURM takes a moment to clear the job away.
  await expect.poll(() => queued(farm), { timeout: 10_000 }).toEqual([]);
});

it("runs within a batch job, and does not believe what an earlier run of that job has left", async () => {
  const path = program(squares);
  const stale = {
    address: "tls://203.0.113.1:1",
    cluster: folder,
    id: "stale",
    jobId: "$SLURM_JOB_ID.0",
    restarts: 7,
  };
  const script = [
    `cd ${folder}`,
    `cat > scheduler-$SLURM_JOB_ID.0.json <<TEXT\n${JSON.stringify(stale)}\nTEXT`,
    `srun -n 4 ${process.execPath} ${path}`,
  ];
  const id = await farm.sbatch(script.join("\n"), "--ntasks=4");
  await farm.jobsReach(id, ["COMPLETED"]);
  expect(readFileSync(join(farm.shared, `${id}.out`), "utf8")).toContain(expected);
  expect(readdirSync(folder)).toEqual(["program.mjs"]);
});

it("fails as a whole when the client's part fails", async () => {
  const body = `await SLURMRunner.run({}, () => { throw new Error("no such analysis"); });`;
  const beginMs = performance.now();
  const { stderr, exitCode } = await srun("-n4", process.execPath, program(body));
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain("no such analysis");
  expect(performance.now() - beginMs).toBeLessThan(20_000);
});

it("ends when the client's process is killed", async () => {
  const body = `await SLURMRunner.run({}, () => process.kill(process.pid, "SIGKILL"));`;
  const beginMs = performance.now();
  const { stderr, exitCode } = await srun("-n3", process.execPath, program(body));
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain("the process of the client is gone: ending all");
  expect(performance.now() - beginMs).toBeLessThan(45_000);
});

it("says what is missing: processes, or srun itself", async () => {
  const path = program(squares);
  const small = await srun("-n2", process.execPath, path);
  expect(small.exitCode).not.toBe(0);
  expect(small.stderr).toContain("srun started 2 processes, and it takes a scheduler, a client");
  const alone = await execa(process.execPath, [path], { env: farm.env, reject: false });
  expect(alone.exitCode).toBe(1);
  expect(alone.stderr).toContain("start it as in `srun -n 4 node program.mjs`");
});

it("gives up in time where the processes cannot see each other's file", async () => {
  if (!farm.hasOwnNetworks) return;
  const options = '{ schedulerFile: "/tmp/runner-{job_id}.json", timeoutMs: 4_000 }';
  const body = `await SLURMRunner.run(${options}, () => {});`;
  const { stderr, exitCode } = await srun("-n3", "-N3", process.execPath, program(body));
  expect(exitCode).not.toBe(0);
  expect(stderr).toMatch(/No scheduler within 4 s: .*All processes must see its folder/);
  expect(await queued(farm)).toEqual([]);
});

it("without a client serves programs elsewhere until it is told to end", async () => {
  const body = `
    await SLURMRunner.run({ client: false, schedulerFile: "world.json" });
    console.log("never printed");
  `;
  const step = srun("-n3", process.execPath, program(body));
  const schedulerFile = join(folder, "world.json");
  for (let tries = 0; !existsSync(schedulerFile); tries++) {
    expect(tries).toBeLessThan(200);
    await sleep(100);
  }
  vi.stubEnv("ACME_HOME", farm.env.ACME_HOME);
  const client = await Client.connect({ schedulerFile });
  await client.waitForWorkers(2, { timeoutMs: 30_000 });
  expect(await client.submit((x: number) => x + 1, [41]).result()).toBe(42);
  await client.close();
  const [id] = await queued(farm);
  await farm.run("scancel", [id as string]);
  const { stdout } = await step;
  expect(stdout).toBe("");
  await farm.jobsReach(id as string, ["CANCELLED"]);
  expect(existsSync(schedulerFile)).toBe(false);
});
