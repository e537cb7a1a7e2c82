// Clusters whose workers are jobs of a real SLURM: they grow, shrink, lose jobs and end, and what was
// computed stays. Every test leaves an empty queue.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, ParallelMap } from "@acme/client";
import { type JobQueueOptions, SLURMCluster } from "@acme/jobqueue";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type SlurmFarm, slurmFarm } from "./farm.js";

let farm: SlurmFarm;
let cluster: SLURMCluster | undefined;

beforeEach(async (context) => {
  farm = await slurmFarm(context);
  for (const [name, value] of Object.entries(farm.env)) vi.stubEnv(name, value);
});

afterEach(async () => {
  await cluster?.close();
  cluster = undefined;
  vi.unstubAllEnvs();
});

const small: JobQueueOptions = { cores: 1, memory: "400 MB", queue: "8GBXS", logLevel: "silent" };

async function start(options: JobQueueOptions = {}): Promise<SLURMCluster> {
  cluster = await SLURMCluster.start({ ...small, ...options });
  return cluster;
}

async function queued(): Promise<string[]> {
  const over = ["COMPLETED", "CANCELLED", "FAILED", "NODE_FAIL", "TIMEOUT"];
  return (await farm.squeue()).filter(({ state }) => !over.includes(state)).map(({ id }) => id);
}

const live = (jobs: SLURMCluster) => jobs.jobs().filter(({ phase }) => phase !== "over");

async function until(what: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms`);
    await sleep(100);
  }
}

it("runs a map on one array of jobs, and leaves an empty queue and no files", async () => {
  const jobs = await start();
  await jobs.scale(4);
  expect(new Set(jobs.jobs().map(({ ref }) => ref?.jobId)).size).toBe(1);
  await jobs.waitForWorkers(4, { timeoutMs: 60_000 });
  const client = await Client.connect(jobs);
  const map = new ParallelMap((x: number) => x * x, [1, 2, 3, 4, 5, 6, 7, 8]);
  const values = await map.compute({ client, output: "memory" });
  expect(values).toEqual([1, 4, 9, 16, 25, 36, 49, 64]);
  await client.close();
  await jobs.close();
  expect(await queued()).toEqual([]);
  const home = farm.env.ACME_HOME as string;
  const { name } = jobs;
  for (const folder of ["clusters", "logs"]) {
    expect(readdirSync(join(home, folder))).not.toContain(name);
  }
});

it("submits exactly the script that it shows", async () => {
  const jobs = await start();
  await jobs.scale(1);
  const [job] = jobs.jobs();
  const id = `${job?.ref?.jobId}_${job?.ref?.index}`;
  const script = await farm.run("scontrol", ["write", "batch_script", id, "-"]);
  expect(script.trimEnd()).toBe(jobs.jobScript().trimEnd());
});

it("shares a job among processes", async () => {
  const jobs = await start({ cores: 2, processes: 2 });
  await jobs.scale({ workers: 3 });
  expect(live(jobs)).toHaveLength(2);
  await jobs.waitForWorkers(4, { timeoutMs: 60_000 });
  const client = await Client.connect(jobs);
  const { workers } = await client.schedulerInfo();
  const names = Object.values(workers).map(({ name }) => name);
  const expected = live(jobs).flatMap(({ name }) => [`${name}-0`, `${name}-1`]);
  expect(names.sort()).toEqual(expected.sort());
  await client.close();
});

it("rejects at once what SLURM refuses, with its words and the script", async () => {
  const jobs = await start({ queue: "no-such-partition" });
  await expect(jobs.scale(2)).rejects.toMatchObject({
    code: "SUBMIT_FAILED",
    exitCode: 1,
    stderr: expect.stringContaining("invalid partition"),
    script: jobs.jobScript(),
  });
});

it("says soon that a request can never run, and why", async () => {
  const jobs = await start({ cores: 64, memory: false });
  const beginMs = performance.now();
  await jobs.scale(2);
  await expect(jobs.waitForWorkers()).rejects.toMatchObject({
    code: "WORKERS_NOT_STARTED",
    message: expect.stringContaining("PartitionConfig"),
  });
  expect(performance.now() - beginMs).toBeLessThan(10_000);
});

it("replaces a job that somebody cancelled", async () => {
  const jobs = await start();
  await jobs.scale(2);
  await jobs.waitForWorkers(2, { timeoutMs: 60_000 });
  const [first] = live(jobs);
  await farm.run("scancel", [first?.name as string]);
  const isOver = () => !live(jobs).some(({ name }) => name === first?.name);
  await until(isOver, 30_000);
  await jobs.waitForWorkers(2, { timeoutMs: 30_000 });
  expect(live(jobs).filter(({ phase }) => phase === "up")).toHaveLength(2);
});

it("shrinks and grows again without computing anything twice", async () => {
  const jobs = await start();
  await jobs.scale(8);
  await jobs.waitForWorkers(8, { timeoutMs: 60_000 });
  const client = await Client.connect(jobs);
  const ledger = join(farm.shared, `ledger-${process.pid}`);
  const note = (i: number, path: string) => {
    process.getBuiltinModule("node:fs").appendFileSync(path, `${i}\n`);
    return new Float64Array(1000).fill(i);
  };
  const numbers = Array.from({ length: 40 }, (_, i) => i);
  const futures = client.map(note, [numbers], { args: [ledger] });
  await until(async () => {
    const values = await client.gather(futures);
    return values.length === 40;
  }, 30_000);
  await jobs.scale(2);
  await until(() => live(jobs).length === 2, 60_000);
  await jobs.scale(8);
  await jobs.waitForWorkers(8, { timeoutMs: 60_000 });
  const values = await client.gather(futures);
  expect(values.map((value) => value[999])).toEqual(numbers);
  expect(readFileSync(ledger, "utf8").trim().split("\n")).toHaveLength(40);
  rmSync(ledger);
  await client.close();
});

it("keeps its workers while the controller is away", async () => {
  const jobs = await start();
  await jobs.scale(2);
  await jobs.waitForWorkers(2, { timeoutMs: 60_000 });
  const names = live(jobs).map(({ name }) => name);
  const client = await Client.connect(jobs);
  await farm.stopController();
  try {
    const slow = async (x: number) => {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return x + 1;
    };
    const futures = client.map(slow, [[1, 2, 3, 4, 5, 6]]);
    expect(await client.gather(futures)).toEqual([2, 3, 4, 5, 6, 7]);
  } finally {
    await farm.startController();
  }
  expect(live(jobs).map(({ name }) => name)).toEqual(names);
  await client.close();
});

it("gives up when every job fails, with what the jobs said", async () => {
  const jobs = await start({ nodePath: "/no/such/node" });
  await jobs.scale(4);
  await expect(jobs.waitForWorkers(4, { timeoutMs: 60_000 })).rejects.toMatchObject({
    code: "WORKERS_NOT_STARTED",
    message: expect.stringContaining("/no/such/node: No such file"),
  });
  const logs = await jobs.logs();
  expect([...logs.values()].every((text) => text.includes("/no/such/node"))).toBe(true);
  expect(logs.size).toBe(4);
});
