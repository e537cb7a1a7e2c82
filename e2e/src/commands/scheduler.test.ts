// `acme-scheduler` as a user and a batch system meet it: how it starts, what it leaves in files,
// and that it always ends.
import { existsSync, readFileSync } from "node:fs";
import { connect } from "@acme/comm";
import { accessByAddress } from "@acme/credentials";
import { expect, it } from "vitest";
import { ask, command, contactIn, startMs, TestFolder } from "./processes.js";

async function started(folder: TestFolder, ...args: string[]) {
  const file = folder.file("scheduler.json");
  const scheduler = command("scheduler", [
    ...["--port", "0", "--no-dashboard", "--scheduler-file", file],
    ...args,
  ]);
  await expect.poll(() => contactIn(file), { timeout: startMs }).toBeDefined();
  return { scheduler, file, address: contactIn(file)?.address as string };
}

it("writes its files, ends with 0 on SIGTERM and takes the files along", async () => {
  using folder = new TestFolder();
  const pidFile = folder.file("pid");
  const { scheduler, file } = await started(folder, "--pid-file", pidFile);
  expect(Number(readFileSync(pidFile, "utf8"))).toBe(scheduler.pid);
  expect(contactIn(file)?.pid).toBe(scheduler.pid);
  scheduler.kill("SIGTERM");
  const { exitCode, stdout, stderr } = await scheduler;
  expect([exitCode, stdout]).toEqual([0, ""]);
  expect(stderr).toMatch(/Scheduler at: tls:\/\/127\.0\.0\.1:\d+/);
  expect([existsSync(file), existsSync(pidFile)]).toEqual([false, false]);
});

it("ends on `terminate` though somebody holds a connection", async () => {
  using folder = new TestFolder();
  const { scheduler, address } = await started(folder);
  const held = await connect(address, accessByAddress(address));
  expect(await ask(address, { op: "terminate" })).toBe("OK");
  expect((await scheduler).exitCode).toBe(0);
  await held.closed;
});

it("ends when idle", async () => {
  using folder = new TestFolder();
  const { scheduler } = await started(folder, "--idle-timeout", "500ms");
  const { exitCode, stderr } = await scheduler;
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/nothing happened for 0\.5 s/);
});

it("says why it cannot start, and ends", async () => {
  using folder = new TestFolder();
  const { scheduler, address } = await started(folder);
  const port = new URL(address.replace("tls:", "http:")).port;
  const second = await command("scheduler", ["--port", port, "--no-dashboard"]);
  expect(second.exitCode).toBe(1);
  expect(second.stderr).toMatch(/the port is taken/);
  const nowhere = folder.file("no/such/folder.json");
  const third = await command("scheduler", [
    ...["--port", "0", "--no-dashboard", "--scheduler-file", nowhere],
  ]);
  expect(third.exitCode).toBe(1);
  expect(third.stderr).toMatch(/Cannot write the contact file/);
  scheduler.kill("SIGTERM");
  await scheduler;
});

it("dies loudly of a mistake of its own", async () => {
  const mistake = `import { isMainThread } from "node:worker_threads";
    if (!isMainThread) setTimeout(() => { throw new TypeError("a mistake") }, 1000);`;
  const preload = `--import=data:text/javascript,${encodeURIComponent(mistake)}`;
  const scheduler = await command("scheduler", ["--port", "0", "--no-dashboard"], [preload]);
  expect(scheduler.exitCode).toBe(1);
  expect(scheduler.stderr).toMatch(/Scheduler ended: its thread failed: a mistake/);
});

it("ends at once when it is asked twice", async () => {
  using folder = new TestFolder();
  const { scheduler } = await started(folder);
  scheduler.kill("SIGINT");
  scheduler.kill("SIGINT");
  expect([0, 130]).toContain((await scheduler).exitCode);
});
