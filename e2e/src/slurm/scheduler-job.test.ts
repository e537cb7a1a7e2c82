// Clusters whose scheduler is a job as well: it is found by its contact file, goes on without the
// process that started it, and is taken over by another one.
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "@acme/client";
import { attachCluster, SLURMCluster } from "@acme/jobqueue";
import { execa } from "execa";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type SlurmFarm, slurmFarm } from "./farm.js";

const program = fileURLToPath(new URL("./fixtures/detaches.mjs", import.meta.url));

let farm: SlurmFarm;

beforeEach(async (context) => {
  farm = await slurmFarm(context);
  for (const [name, value] of Object.entries(farm.env)) vi.stubEnv(name, value);
});

afterEach(() => vi.unstubAllEnvs());

const small = { cores: 1, memory: "400 MB", queue: "8GBXS", logLevel: "silent" } as const;
const double = (x: number) => x * 2;

async function inQueue(tag: string): Promise<string[]> {
  const text = await farm.run("squeue", ["--noheader", "--array", "--format=%i %T %k"]);
  return text.split("\n").filter((line) => line.endsWith(` ${tag}`));
}

it("runs its scheduler in a job, and leaves nothing when it is closed", async () => {
  const cluster = await SLURMCluster.start({ ...small, scheduler: { in: "job" }, nWorkers: 2 });
  await cluster.waitForWorkers(2, { timeoutMs: 60_000 });
  expect(await inQueue(cluster.tag)).toHaveLength(3);
  expect(cluster.schedulerAddress).not.toContain(`//${farm.hostAddress}:`);
  const client = await Client.connect(cluster);
  expect(await client.gather(client.map(double, [[1, 2, 3]]))).toEqual([2, 4, 6]);
  await client.close();
  const folder = `${farm.env.ACME_HOME}/clusters/${cluster.name}`;
  expect(existsSync(folder)).toBe(true);
  await cluster.close();
  expect(await inQueue(cluster.tag)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});

it("goes on when its program ends, and is scaled and closed by another", async () => {
  const { stdout } = await execa("node", [program], { env: farm.env });
  const { contact, jobs, first } = JSON.parse(stdout);
  // Longer than it takes to cancel what a dead client leaves.
  await sleep(8_000);
  expect(await inQueue(contact.tag)).toHaveLength(3);
  const client = await Client.connect({ name: contact.name });
  expect(await client.gather(client.map(double, [[first]]))).toEqual([first * 2]);
  await using cluster = await SLURMCluster.attach(contact);
  await expect(SLURMCluster.attach(contact)).rejects.toMatchObject({ code: "DETACH" });
  await cluster.waitForWorkers(2, { timeoutMs: 10_000 });
  expect(cluster.jobs().map(({ name }) => name)).toEqual(jobs);
  await cluster.scale(3);
  await cluster.waitForWorkers(3, { timeoutMs: 60_000 });
  await client.close();
  await cluster.close();
  expect(await inQueue(contact.tag)).toEqual([]);
});

it("is left and attached to by name within one program", async () => {
  const scheduler = { in: "job", name: `named-${process.pid}` } as const;
  const first = await SLURMCluster.start({ ...small, scheduler, nWorkers: 1 });
  await first.waitForWorkers(1, { timeoutMs: 60_000 });
  const contact = await first.detach();
  await expect(first.scale(2)).rejects.toMatchObject({ code: "CLUSTER_CLOSED" });
  await first.close();
  const second = await attachCluster(scheduler.name);
  expect(second).toBeInstanceOf(SLURMCluster);
  await second.waitForWorkers(1, { timeoutMs: 10_000 });
  await second.close();
  expect(await inQueue(contact.tag)).toEqual([]);
});

it("refuses to leave a scheduler that would end with the program", async () => {
  await using cluster = await SLURMCluster.start(small);
  await expect(cluster.detach()).rejects.toMatchObject({ code: "DETACH" });
});

it("says why the scheduler's job can never run, and takes it back", async () => {
  const scheduler = { in: "job", cores: 64, jobCpu: 64 } as const;
  const starting = SLURMCluster.start({ ...small, scheduler });
  await expect(starting).rejects.toMatchObject({
    code: "SCHEDULER_JOB",
    message: expect.stringContaining("PartitionConfig"),
  });
  await vi.waitFor(
    async () => {
      const words = ["--noheader", "--name=acme-scheduler", "--format=%i"];
      expect(await farm.run("squeue", words)).toBe("");
    },
    { timeout: 10_000 },
  );
});

it("has workers for a scheduler that somebody else started, and leaves that alone", async () => {
  await using host = await SLURMCluster.start(small);
  const guest = await SLURMCluster.start({ ...small, scheduler: { contact: host.name } });
  expect(guest.schedulerAddress).toBe(host.schedulerAddress);
  await guest.scale(1);
  await guest.waitForWorkers(1, { timeoutMs: 60_000 });
  const client = await Client.connect(host);
  expect(await client.gather(client.map(double, [[21]]))).toEqual([42]);
  await guest.close();
  expect(await inQueue(guest.tag)).toEqual([]);
  expect((await client.ncores()).size).toBe(0);
  await client.close();
});
