// Two hundred workers that start at once must not storm the file system that they share: a worker
// of a real job opens few files there.
import { homedir } from "node:os";
import { join } from "node:path";
import { SLURMCluster } from "@acme/jobqueue";
import { execa } from "execa";
import { afterEach, expect, it, vi } from "vitest";
import { openedFiles, writeTracer } from "../queues/opened-files.js";
import { skipWithReason } from "../skip-with-reason.js";
import { repositoryRoot } from "../tidy/repository.js";
import { slurmFarm } from "./farm.js";

const mostFiles = 50;

let cluster: SLURMCluster | undefined;

afterEach(async () => {
  await cluster?.close();
  cluster = undefined;
  vi.unstubAllEnvs();
});

it("starts a worker with few files of the shared file system", async (context) => {
  const farm = await slurmFarm(context);
  const { exitCode } = await execa("strace", ["true"], { reject: false });
  if (exitCode !== 0) skipWithReason(context, "strace does not work here");
  for (const [name, value] of Object.entries(farm.env)) vi.stubEnv(name, value);
  const folder = join(farm.shared, `traced-${process.pid}`);
  const tracer = join(farm.shared, `traced-${process.pid}.sh`);
  writeTracer(tracer, process.execPath, folder);
  cluster = await SLURMCluster.start({
    cores: 1,
    memory: "400 MB",
    queue: "8GBXS",
    nodePath: tracer,
    logLevel: "silent",
  });
  await cluster.scale(1);
  await cluster.waitForWorkers(1, { timeoutMs: 90_000 });
  const found = openedFiles(folder, [repositoryRoot, farm.env.ACME_HOME as string, homedir()]);
  const { shared, opens, looks, elsewhere, programs } = found;
  console.info(`${shared.length} files on the shared file system, ${opens} opens, ${looks} looks`);
  console.info(`${elsewhere} of the node's own, and ${programs}`);
  expect(shared.length).toBeGreaterThan(5);
  expect(shared.length).toBeLessThanOrEqual(mostFiles);
});
