// Clusters of SLURM jobs that follow their work: they grow from nothing, shrink without losing what
// somebody holds, grow again, and give up when SLURM says that it is in vain.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type Future } from "@acme/client";
import { type ClusterEvent, type JobQueueOptions, SLURMCluster } from "@acme/jobqueue";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type SlurmFarm, slurmFarm } from "./farm.js";

let farm: SlurmFarm;
let cluster: SLURMCluster;

beforeEach(async (context) => {
  farm = await slurmFarm(context);
  for (const [name, value] of Object.entries(farm.env)) vi.stubEnv(name, value);
});

afterEach(async () => {
  await cluster?.close();
  vi.unstubAllEnvs();
});

async function start(options: JobQueueOptions): Promise<SLURMCluster> {
  const small = { memory: "400 MB", queue: "8GBXS", logLevel: "silent" } as const;
  cluster = await SLURMCluster.start({ ...small, ...options });
  return cluster;
}

const jobsNow = () => cluster.jobs().filter(({ phase }) => phase !== "over").length;

async function until(what: () => boolean, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!what()) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms`);
    await sleep(50);
  }
}

/** Reads until the cluster is closed. */
async function record(events: AsyncIterable<ClusterEvent>): Promise<ClusterEvent[]> {
  const all: ClusterEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** Follows the work closely, so that a test is over soon. */
const eager = { intervalMs: 200, targetDurationMs: 1_000, cooldownMs: 1_000 };

it("goes from 8 workers to 2 and back, two in a job, and computes nothing twice", async () => {
  const jobs = await start({ cores: 2, processes: 2 });
  const events = record(jobs.events());
  const client = await Client.connect(jobs);
  jobs.adapt({ ...eager, minimum: 2, maximum: 8 });
  const ledger = join(farm.shared, `adapt-${process.pid}`);
  const note = async (i: number, path: string) => {
    process.getBuiltinModule("node:fs").appendFileSync(path, `${i}\n`);
    await new Promise((resolve) => setTimeout(resolve, 250));
    return new Float64Array(1000).fill(i);
  };
  const compute = async (from: number): Promise<Future<Float64Array>[]> => {
    const numbers = Array.from({ length: 40 }, (_, i) => from + i);
    const futures = client.map(note, [numbers], { args: [ledger] });
    await until(() => jobs.nRegistered === 8, 40_000);
    const values = await client.gather(futures);
    expect(values.map((value) => value[999])).toEqual(numbers);
    return futures;
  };
  const first = await compute(0);
  await until(() => jobs.nRegistered === 2 && jobsNow() === 1, 40_000);
  const second = await compute(100);
  const values = await client.gather([...first, ...second]);
  expect(values).toHaveLength(80);
  expect(readFileSync(ledger, "utf8").trim().split("\n")).toHaveLength(80);
  rmSync(ledger);
  await client.close();
  await jobs.close();
  const scales = (await events).filter((event) => event.type === "scale");
  expect(scales.some(({ cause, before }) => cause === "adapt" && before === 4)).toBe(true);
});

it("starts with nothing, ends with nothing, and tells what happens meanwhile", async () => {
  const jobs = await start({ cores: 1 });
  const events = record(jobs.events());
  const client = await Client.connect(jobs);
  const adaptive = jobs.adapt({ ...eager, maximumJobs: 2 });
  const future = client.submit((x: number) => x + 1, [1]);
  expect(await future.result()).toBe(2);
  future.release();
  await until(() => jobsNow() === 0, 30_000);
  expect(adaptive.isActive).toBe(true);
  adaptive.stop();
  expect(adaptive.isActive).toBe(false);
  await client.close();
  await jobs.close();
  const all = await events;
  const said = all.map((event) => {
    if (event.type === "scale") return `scale ${event.jobs}`;
    return event.type === "worker" ? event.change : event.type;
  });
  expect(said.filter((word) => word !== "job")).toEqual(["scale 1", "added", "scale 0", "removed"]);
  const phases = all.flatMap((event) => (event.type === "job" ? [event.job.phase] : []));
  expect(phases[0]).toBe("submitting");
  for (const phase of ["queued", "up", "draining", "over"]) expect(phases).toContain(phase);
});

it("stops with SLURM's reason when the request can never run", async () => {
  const jobs = await start({ cores: 64, memory: false });
  const client = await Client.connect(jobs);
  const waiting = client.submit((x: number) => x, [1]);
  const events = jobs.events({ signal: AbortSignal.timeout(20_000) });
  jobs.adapt({ ...eager, maximum: 64 });
  let message = "";
  for await (const event of events) {
    if (event.type !== "error") continue;
    expect(event.code).toBe("NEVER_RUNS");
    message = event.message;
    break;
  }
  expect(message).toContain("PartitionConfig");
  await expect(jobs.waitForWorkers(64)).rejects.toMatchObject({
    code: "WORKERS_NOT_STARTED",
    message: expect.stringContaining("PartitionConfig"),
  });
  await until(() => jobsNow() === 0, 15_000);
  const submitted = jobs.jobs().length;
  await sleep(2_000);
  expect(jobs.jobs()).toHaveLength(submitted);
  await waiting.cancel();
  await client.close();
});

it("gives each worker its share of the GPUs that SLURM gave", async () => {
  const jobs = await start({ cores: 2, gpus: 1, jobCpu: 2, processes: 1 });
  await jobs.scale({ jobs: 2 });
  await jobs.waitForWorkers(2, { timeoutMs: 60_000 });
  const client = await Client.connect(jobs);
  const { workers } = await client.schedulerInfo();
  const resources = Object.values(workers).map((worker) => worker.resources);
  const gpu = new Map([
    ["LANG-js", 2],
    ["GPU", 1],
  ]);
  expect(resources).toEqual([gpu, gpu]);
  const see = (_: number) => process.env.CUDA_VISIBLE_DEVICES;
  const seen = client.map(see, [[1, 2, 3, 4]], { resources: { GPU: 1 } });
  expect(await client.gather(seen)).toEqual(["0", "0", "0", "0"]);
  await client.close();
});
