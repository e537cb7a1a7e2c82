// `acme-worker` without a scheduler, with one that refuses it, goes away or comes back, and
// without the nanny that was to watch it.
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import {
  command,
  contactIn,
  processesWith,
  type Running,
  startMs,
  TestFolder,
  workersAt,
} from "./processes.js";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function schedulerAt(port: number): { scheduler: Running; address: string } {
  const scheduler = command("scheduler", ["--port", `${port}`, "--no-dashboard"]);
  return { scheduler, address: `tls://127.0.0.1:${port}` };
}

const registered = (address: string, count: number) =>
  expect.poll(async () => (await workersAt(address)).length, { timeout: startMs }).toBe(count);

it("waits for a scheduler that comes later, and ends with one that is closed", async () => {
  const port = await freePort();
  const worker = command("worker", [`127.0.0.1:${port}`, "--nworkers", "2", "--nthreads", "1"]);
  await expect.poll(() => worker.pid).toBeDefined();
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const { scheduler, address } = schedulerAt(port);
  await registered(address, 2);
  scheduler.kill("SIGTERM");
  expect((await scheduler).exitCode).toBe(0);
  const { exitCode, stderr } = await worker;
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/waiting for a scheduler: There are no credentials/);
});

it("waits for a contact file, and registers again with a scheduler that was killed", async () => {
  using folder = new TestFolder();
  const file = folder.file("scheduler.json");
  const worker = command("worker", ["--scheduler-file", file, "--nthreads", "1"]);
  const port = await freePort();
  const first = schedulerAt(port);
  await new Promise((resolve) => setTimeout(resolve, 500));
  writeFileSync(file, JSON.stringify({ address: first.address }));
  await registered(first.address, 1);
  const before = await workersAt(first.address);
  first.scheduler.kill("SIGKILL");
  await first.scheduler;
  const second = schedulerAt(port);
  await registered(second.address, 1);
  expect(await workersAt(second.address)).toEqual(before);
  worker.kill("SIGTERM");
  expect((await worker).exitCode).toBe(0);
  expect(contactIn(file)?.address).toBe(first.address);
  second.scheduler.kill("SIGTERM");
  await second.scheduler;
});

it("gives up after --death-timeout with a code of its own", async () => {
  const port = await freePort();
  const args = [`127.0.0.1:${port}`, "--death-timeout", "500ms"];
  for (const more of [[], ["--no-nanny"]]) {
    const { exitCode, stderr } = await command("worker", [...args, ...more]);
    expect(exitCode).toBe(75);
    expect(stderr).toMatch(/There are no credentials for tls:\/\/127\.0\.0\.1:\d+/);
  }
  using folder = new TestFolder();
  const file = folder.file("none.json");
  const lost = await command("worker", ["--scheduler-file", file, "--death-timeout", "300ms"]);
  expect([lost.exitCode, lost.stderr]).toEqual([75, expect.stringMatching(/No contact file at/)]);
});

it("says that its name is taken, once, and ends", async () => {
  const { scheduler, address } = schedulerAt(await freePort());
  const first = command("worker", [address, "--name", "same", "--nthreads", "1"]);
  await registered(address, 1);
  for (const more of [[], ["--no-nanny"]]) {
    const second = await command("worker", [address, "--name", "same", ...more]);
    expect(second.exitCode).toBe(78);
    expect(second.stderr.match(/the name same is taken/g)).toHaveLength(1);
  }
  scheduler.kill("SIGTERM");
  await Promise.all([scheduler, first]);
});

it("leaves no worker process behind when its nanny is killed", async () => {
  const mark = `--name=orphan-${process.pid}`;
  const { scheduler, address } = schedulerAt(await freePort());
  const args = [address, mark, "--nworkers", "2", "--nthreads", "1"];
  process.env.ACME_TEST_MARK = mark;
  const worker = command("worker", args);
  delete process.env.ACME_TEST_MARK;
  await registered(address, 2);
  expect(processesWith(mark)).toHaveLength(3);
  worker.kill("SIGKILL");
  await worker;
  await expect.poll(() => processesWith(mark), { timeout: 10_000 }).toEqual([]);
  scheduler.kill("SIGTERM");
  await scheduler;
});

it("ends with a signal also while it waits", async () => {
  const waiting = ["127.0.0.1:1", "--nthreads", "1"];
  for (const args of [waiting, [...waiting, "--no-nanny"], ["--scheduler-file", "/none.json"]]) {
    const worker = command("worker", args);
    await expect.poll(() => worker.pid).toBeDefined();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    worker.kill("SIGTERM");
    expect((await worker).exitCode).toBe(0);
  }
});

it("does not start twice on one fixed port, and says so", async () => {
  const { scheduler, address } = schedulerAt(await freePort());
  const nannyPort = `${await freePort()}`;
  const first = command("worker", [address, "--nanny-port", nannyPort, "--nthreads", "1"]);
  await registered(address, 1);
  const second = await command("worker", [address, "--nanny-port", nannyPort]);
  expect([second.exitCode, second.stderr]).toEqual([1, expect.stringMatching(/port is taken/)]);
  scheduler.kill("SIGTERM");
  await Promise.all([scheduler, first]);
});
