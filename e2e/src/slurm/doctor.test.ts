// `acme-worker doctor` where workers would run: on nodes of a real SLURM, whose network, names and
// folders are not those of the scheduler's machine.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { SLURMCluster } from "@acme/jobqueue";
import { execa } from "execa";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type SlurmFarm, slurmFarm } from "./farm.js";

const require = createRequire(import.meta.url);
const bin = join(dirname(require.resolve("@acme/worker/package.json")), "bin", "acme-worker.js");

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

const onNode = (...words: string[]) =>
  execa("srun", ["-n1", process.execPath, bin, "doctor", ...words], {
    env: farm.env,
    cwd: farm.shared,
    reject: false,
  });

it("finds all well on a node from which the scheduler can be reached", async () => {
  cluster = await SLURMCluster.start({ cores: 1, memory: false, logLevel: "silent" });
  const { stdout, stderr, exitCode } = await onNode("--cluster", cluster.name);
  expect(exitCode, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/^ok +batch job +\d+ on node\d$/m);
  expect(stdout).toMatch(
    new RegExp(`^(ok|warn) +node +${process.versions.node.replaceAll(".", "\\.")}`, "m"),
  );
  for (const about of [
    "acme",
    "glibc",
    "open files",
    "machine",
    "shared folder",
    "scheduler",
    "own address",
    "certificate",
    "connection",
    "versions",
    "clock",
  ]) {
    expect(stdout).toMatch(new RegExp(`^ok +${about} `, "m"));
  }
  expect(stdout).toMatch(/^ok +connection +tls:\/\/\S+ answers in \d+ ms, encrypted$/m);
  expect(stdout).toMatch(/Workers can run here/);
});

it("says what is wrong, where, and what to do next, and fails", async () => {
  cluster = await SLURMCluster.start({ cores: 1, memory: false, logLevel: "silent" });
  const [, port] = /:(\d+)$/.exec(cluster.schedulerAddress) as unknown as [string, string];
  const lost = await onNode("--cluster", "no-such-cluster");
  expect(lost.exitCode).toBe(1);
  expect(lost.stdout).toMatch(/^fail +scheduler .*no-such-cluster/m);
  const refused = await onNode(`tls://${farm.hostAddress}:1`);
  expect(refused.stdout).toMatch(/^fail +scheduler .*no credentials for tls:/im);
  const loopback = await onNode("--cluster", cluster.name, `tls://127.0.0.1:${port}`);
  if (!farm.hasOwnNetworks) return;
  expect(loopback.exitCode).toBe(1);
  expect(loopback.stdout).toMatch(/^fail +connection .*\n +-> nobody listens there/m);
  expect(loopback.stdout).toMatch(/Workers will not run here: 1 problem\./);
});

it("tells programs the same", async () => {
  const { stdout } = await onNode("--json", "--local-directory", "/dev/null/folder");
  const findings = JSON.parse(stdout) as { about: string; verdict: string; advice: string }[];
  expect(findings.find(({ verdict }) => verdict === "fail")).toMatchObject({
    about: "temporary",
    advice: "name another folder with --local-directory",
  });
});
