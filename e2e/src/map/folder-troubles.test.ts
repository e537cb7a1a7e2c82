// What is wrong with folders and results, for real: each gives a clear error, and harms nothing else.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { Client, LocalCluster, ParallelMap, range, verify } from "@acme/client";
import { execa } from "execa";
import { expect, test } from "vitest";
import { command, contactIn, startMs, TestFolder, workersAt } from "../commands/processes.js";
import { SmallDisk } from "../resilience/small-disk.js";
import { skipWithReason } from "../skip-with-reason.js";
import { mapSite, removeFolder, temporaryFolder } from "./fixtures/map-site.js";

const site = mapSite();

const { here } = site;

test("a full disk fails what does not fit, and the run goes on when there is room", async (context) => {
  await using disk = await SmallDisk.make(context, "2m");
  const outputDir = join(disk.path, "out");
  const large = (i: number) => new Float64Array(12_500).fill(i);
  const pmap = new ParallelMap(large, range(40));
  await expect(pmap.compute({ ...here(), outputDir })).rejects.toMatchObject({
    code: "MAP_FAILED",
    message: expect.stringContaining("no room for the"),
  });
  const there = readdirSync(join(outputDir, "large_payload"));
  expect(there.length).toBeGreaterThan(5);
  expect(there.filter((name) => name.endsWith(".tmp"))).toEqual([]);
  await disk.grow("20m");
  const paths = await pmap.compute({ ...here(), outputDir });
  expect(paths.filter((path) => existsSync(path))).toHaveLength(40);
  expect((await verify(outputDir)).problems).toEqual([]);
});

test("a folder that is deleted ends the run soon", async () => {
  const outputDir = join(temporaryFolder(), "out");
  const slow = async (i: number) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return i;
  };
  const run = new ParallelMap(slow, range(400)).run({ ...here(), outputDir, onError: "continue" });
  const startedMs = Date.now();
  let calls = 0;
  const reading = (async () => {
    for await (const _ of run) if (++calls === 5) removeFolder(outputDir);
  })();
  await expect(reading).rejects.toMatchObject({
    code: "RUN_FOLDER_LOST",
    message: expect.stringContaining("deleted or moved"),
  });
  expect(Date.now() - startedMs).toBeLessThan(10_000);
  expect(calls).toBeLessThan(400);
});

test("a folder that may not be written to is refused before anything is started", async (context) => {
  if (process.getuid?.() !== 0) skipWithReason(context, "becoming another user needs root", "");
  const folder = temporaryFolder();
  const code = `
    import { ParallelMap } from "@acme/client";
    const outputDir = ${JSON.stringify(folder)};
    await new ParallelMap((x) => x, [1]).compute({ outputDir }).catch((e) => {
      console.log(e.code, e.message);
    });`;
  const { stdout } = await execa("node", ["--input-type=module", "-e", code], {
    uid: 65_534,
    gid: 65_534,
    cwd: join(import.meta.dirname, "../.."),
    env: { HOME: "/nonexistent", ACME_HOME: "/nonexistent" },
  });
  expect(stdout).toMatch(/^OUTPUT_FOLDER /);
  expect(stdout).toContain(folder);
});

test("a folder that a worker does not see is found before the first call", async (context) => {
  const outputDir = join(temporaryFolder(), "out");
  mkdirSync(outputDir);
  using site = new TestFolder();
  const file = site.file("scheduler.json");
  const scheduler = command("scheduler", [
    "--port",
    "0",
    "--no-dashboard",
    "--scheduler-file",
    file,
  ]);
  await expect.poll(() => contactIn(file)?.address, { timeout: startMs }).toBeDefined();
  const address = contactIn(file)?.address as string;
  // A mount namespace of its own, where another file system lies over the folder, is another node.
  const worker = execa(
    "unshare",
    ["-m", "sh", "-c", `mount -t tmpfs tmpfs "$0" && exec "$@"`, outputDir].concat([
      ...["node", join(import.meta.dirname, "../../../packages/worker/bin/acme-worker.js")],
      ...["--scheduler-file", file, "--nthreads", "1"],
    ]),
    { reject: false, all: true, env: { NO_COLOR: "1" } },
  );
  try {
    const registered = async () => (await workersAt(address)).length;
    await Promise.race([worker, expect.poll(registered, { timeout: startMs }).toBe(1)]);
    if ((await registered()) !== 1) skipWithReason(context, "a mount namespace needs root", "");
    const far = await Client.connect({ schedulerFile: file });
    const never = () => {
      throw new Error("this call was made");
    };
    const pmap = ParallelMap.times(3, never);
    await expect(pmap.compute({ client: far, progress: false, outputDir })).rejects.toMatchObject({
      code: "FOLDER_NOT_SHARED",
      hosts: [hostname()],
      message: expect.stringContaining("does not see the folder"),
    });
    expect(readdirSync(outputDir)).toEqual([]);
    await far.close();
  } finally {
    worker.kill("SIGTERM");
    await worker;
    scheduler.kill("SIGTERM");
    await scheduler;
  }
});

test("a result that cannot be stored fails its call alone", async () => {
  const outputDir = join(temporaryFolder(), "out");
  const odd = (i: number) => (i === 3 ? { map: new WeakMap() } : i);
  const failure = await new ParallelMap(odd, range(6))
    .compute({ ...here(), outputDir })
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "MAP_FAILED", failedIndexes: [3] });
  expect((failure as Error).message).toContain("the result of call 3 cannot be stored");
  expect(readdirSync(join(outputDir, "odd_payload"))).toHaveLength(5);
});

test("a worker out of memory costs the call that ate it, and no other", async () => {
  const outputDir = join(temporaryFolder(), "out");
  const limited = { memoryLimit: "300MB", logLevel: "silent" } as const;
  await using small = await LocalCluster.start({ nWorkers: 2, threadsPerWorker: 1, ...limited });
  await using own = await Client.connect(small);
  const hungry = async (i: number) => {
    const eaten: Buffer[] = [];
    while (i === 4 && eaten.length < 4_000) {
      eaten.push(Buffer.alloc(1 << 20, 1));
      if (eaten.length % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return i;
  };
  const failure = await new ParallelMap(hungry, range(20))
    .compute({ client: own, progress: false, outputDir })
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "MAP_FAILED", failedIndexes: [4] });
  expect((failure as Error).message).toMatch(/memory|killed/i);
  expect(readdirSync(join(outputDir, "hungry_payload"))).toHaveLength(19);
  expect((await verify(outputDir)).problems.map(({ problem }) => problem)).toEqual(["missing"]);
});
