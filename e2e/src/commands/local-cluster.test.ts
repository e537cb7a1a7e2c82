// Local clusters that are scaled, restarted, forgotten, or lose the program that started them.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, LocalCluster } from "@acme/client";
import { execa } from "execa";
import { expect, it } from "vitest";
import { ask, processesWith, TestFolder } from "./processes.js";

const small = { threadsPerWorker: 1, logLevel: "silent" } as const;
const alive = (pid: number) => existsSync(`/proc/${pid}`);

it("scales up and down, one change after the other, and refuses nonsense", async () => {
  const cluster = await LocalCluster.start({ ...small, nWorkers: 1 });
  await using client = await Client.connect(cluster);
  await Promise.all([cluster.scale(3), cluster.scale(2)]);
  expect(cluster.nWorkers).toBe(2);
  await expect.poll(async () => (await client.ncores()).size, { timeout: 20_000 }).toBe(2);
  await expect(cluster.scale(-1)).rejects.toMatchObject({ code: "LOCAL_CLUSTER" });
  await expect(cluster.scale(0.5)).rejects.toMatchObject({ code: "LOCAL_CLUSTER" });
  const pids = cluster.workerPids;
  await cluster.close();
  await cluster.close();
  await expect(cluster.scale(1)).rejects.toThrow(/closed/);
  expect(pids.filter(alive)).toEqual([]);
});

it("keeps results when workers are scaled away", async () => {
  await using cluster = await LocalCluster.start({ ...small, nWorkers: 2 });
  await using client = await Client.connect(cluster);
  await client.waitForWorkers(2);
  const large = (n: number) => new Float64Array(50_000).fill(n);
  const futures = client.map(large, [[1, 2, 3, 4]]);
  await client.gather(futures);
  await cluster.scale(1);
  const values = (await client.gather(futures)) as Float64Array[];
  expect(values.map((value) => value[7])).toEqual([1, 2, 3, 4]);
});

it("restarts its worker processes when a client asks for it", async () => {
  await using cluster = await LocalCluster.start({ ...small, nWorkers: 2 });
  await using client = await Client.connect(cluster);
  await client.waitForWorkers(2);
  const before = cluster.workerPids;
  const pending = client.submit((x: number) => x, [1]);
  await pending.result();
  await client.restart();
  expect(cluster.workerPids).toHaveLength(2);
  expect(cluster.workerPids.filter((pid) => before.includes(pid))).toEqual([]);
  expect(await client.submit((x: number) => x + 1, [2]).result()).toBe(3);
});

it("ends as a whole when somebody ends its scheduler", async () => {
  const cluster = await LocalCluster.start({ ...small, nWorkers: 2 });
  const client = await Client.connect(cluster);
  await client.waitForWorkers(2);
  const pids = cluster.workerPids;
  await client.close();
  await ask(cluster.schedulerAddress, { op: "terminate" }, cluster.security);
  await expect.poll(() => pids.filter(alive), { timeout: 5_000 }).toEqual([]);
  await expect.poll(() => cluster.nWorkers).toBe(0);
  await cluster.close();
});

it("refuses what it cannot make, and leaves nothing behind", async () => {
  await expect(LocalCluster.start({ nWorkers: -2 })).rejects.toThrow(/^nWorkers/);
  await expect(LocalCluster.start({ memoryLimit: "lots" })).rejects.toThrow(/^memoryLimit/);
  using folder = new TestFolder();
  writeFileSync(folder.file("file"), "");
  const localDirectory = folder.file("file/below");
  const start = LocalCluster.start({ ...small, nWorkers: 1, localDirectory });
  await expect(start).rejects.toMatchObject({ code: "WORK_FOLDER" });
});

/** Runs a program that starts a cluster in this folder, prints its workers' pids, then this. */
function program(folder: TestFolder, then: string) {
  const code = `
    import { Client, LocalCluster } from ${JSON.stringify(import.meta.resolve("@acme/client"))};
    const cluster = await LocalCluster.start({
      nWorkers: 2, threadsPerWorker: 1, localDirectory: ${JSON.stringify(folder.path)},
    });
    const client = await Client.connect(cluster);
    await client.waitForWorkers(2);
    console.log(cluster.workerPids.join(" "));
    ${then}`;
  const file = folder.file("program.mjs");
  writeFileSync(file, code);
  return execa(process.execPath, [file], { reject: false });
}

it.each([
  ["is killed", 'process.kill(process.pid, "SIGKILL");'],
  ["forgets to close and exits", "process.exit(3);"],
  ["dies of an error", 'setTimeout(() => { throw new Error("mine") });'],
  [
    "is killed while tasks never end",
    `client.map(() => { for (;;); }, [[1, 2]], { pure: false });
     setTimeout(() => process.kill(process.pid, "SIGKILL"), 500);`,
  ],
])("leaves no process behind when its program %s", async (_, then) => {
  using folder = new TestFolder();
  const { stdout } = await program(folder, then);
  const pids = stdout.trim().split(" ").map(Number);
  expect(pids).toHaveLength(2);
  await expect.poll(() => pids.filter(alive), { timeout: 10_000 }).toEqual([]);
  expect(processesWith(folder.path)).toEqual([]);
});

it("removes its folder, and those that killed programs left", async () => {
  using folder = new TestFolder();
  await program(folder, 'process.kill(process.pid, "SIGKILL");');
  const left = readdirSync(folder.path).filter((name) => name.startsWith("cluster-"));
  expect(left).toHaveLength(1);
  mkdirSync(join(folder.path, left[0] as string, "deep"), { recursive: true });
  const cluster = await LocalCluster.start({ ...small, nWorkers: 1, localDirectory: folder.path });
  await expect.poll(() => existsSync(join(folder.path, left[0] as string))).toBe(false);
  await cluster.close();
  expect(readdirSync(folder.path)).toEqual(["program.mjs"]);
});
