// `acme connect` through a real sshd, to a cluster in another home: all commands work on the copy,
// nothing secret is in a command line, and nothing is left in the end.
import { existsSync, readdirSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, it } from "vitest";
import {
  command,
  processesWith,
  type Running,
  startMs,
  TestFolder,
} from "../commands/processes.js";
import { toolPath } from "./debian-tool.js";
import { NamedCluster } from "./named-cluster.js";
import { SshServer } from "./ssh-server.js";

const fixture = fileURLToPath(new URL("./fixtures/one-call.mjs", import.meta.url));
const controlFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("acme-ssh-"));

it("brings a cluster behind a login node here, and takes it away again", async (context) => {
  const sshd = await toolPath(context, "sshd", "openssh-server");
  await using there = await new NamedCluster("far").started();
  there.startWorkers(1);
  await using server = await SshServer.start(sshd, there.home.path);
  using here = new TestFolder();
  const env = { ACME_HOME: here.path };
  const acme = (...args: string[]): Running => command("acme", args, [], { env });
  const copy = here.file("clusters/near");
  // In an object, because a process is a promise of its end.
  const connecting = async (): Promise<{ tunnel: Running }> => {
    const words = ["connect", "--ssh-config", server.configFile, "--as", "near", "login", "far"];
    const tunnel = acme(...words);
    await expect
      .poll(() => existsSync(`${copy}/scheduler.json`) || tunnel.exitCode, { timeout: startMs })
      .toBe(true);
    return { tunnel };
  };
  const foldersBefore = controlFolders();

  const { tunnel } = await connecting();
  expect((await acme("list")).stderr).toMatch(/^near {2}alive {2}tls:\/\/127\.0\.0\.1:\d+ /);
  const { stdout } = await execa("node", [fixture, "near"], { env });
  expect(stdout).toBe("42");
  const { stderr } = await acme("status", "near");
  expect(stderr).toContain(`/status?token=${there.token}`);
  expect(stderr).toContain("1 workers with 1 threads");
  expect(processesWith(there.token)).toEqual([]);
  expect((await acme("connect", "login", "far", "--as", "near")).stderr).toContain("--as OTHER");
  tunnel.kill("SIGINT");
  const ended = await tunnel;
  expect([ended.exitCode, ended.stdout]).toEqual([0, ""]);
  expect(ended.stderr).toContain('Client.connect({ name: "near" })');
  expect(ended.all).not.toContain(there.token);
  expect(readdirSync(here.file("clusters"))).toEqual([]);
  expect(controlFolders().filter((name) => !foldersBefore.includes(name))).toEqual([]);
  expect(processesWith(server.configFile)).toEqual([]);

  // Killed, it cannot clean up: ssh ends all the same, and the next one takes its place.
  const { tunnel: killed } = await connecting();
  killed.kill("SIGKILL");
  await killed;
  await expect.poll(() => processesWith(server.configFile), { timeout: startMs }).toEqual([]);
  expect((await acme("list")).stderr).toMatch(/^near {2}stale /);
  const left = controlFolders().filter((name) => !foldersBefore.includes(name));
  expect(left.length).toBe(1);
  const hourAgo = Date.now() / 1000 - 3600;
  for (const name of left) utimesSync(join(tmpdir(), name), hourAgo, hourAgo);
  const { tunnel: again } = await connecting();
  const listed = async () => (await acme("list")).stderr;
  await expect.poll(listed, { timeout: startMs }).toMatch(/^near {2}alive /);
  expect(controlFolders()).not.toContain(left[0]);
  again.kill("SIGTERM");
  expect((await again).exitCode).toBe(0);
  expect(existsSync(copy)).toBe(false);
});

it("says why it cannot connect, and leaves nothing", async (context) => {
  const sshd = await toolPath(context, "sshd", "openssh-server");
  using home = new TestFolder();
  await using server = await SshServer.start(sshd, home.path);
  const foldersBefore = controlFolders();
  const connect = (...args: string[]) =>
    command("acme", ["connect", "--ssh-config", server.configFile, ...args]);
  const failures = [
    [await connect("login", "nowhere"), /There is no cluster nowhere on that machine/],
    [await connect("no-such-host.invalid", "a"), /ssh to no-such-host.invalid failed/],
    [await connect("--", "-oProxyCommand=true", "a"), /is no user@host/],
    [await connect("login", "a;b"), /cannot be the name of a cluster/],
  ] as const;
  for (const [{ exitCode, stdout, stderr }, why] of failures) {
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(why);
  }
  expect(controlFolders().filter((name) => !foldersBefore.includes(name))).toEqual([]);
});
