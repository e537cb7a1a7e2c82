// What calls are told where they run, what becomes of what they write, and outputs that leave no
// HDF5: on real workers.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { currentClient, getTaskContext, ParallelMap } from "@acme/client";
import { expect, test } from "vitest";
import { mapSite, temporaryFolder } from "./fixtures/map-site.js";

const site = mapSite();
const quiet = site.here;

const told = async (x: number) => {
  await new Promise((done) => setTimeout(done, 5));
  const { taskId, seed, attempt, outputDir, signal } = getTaskContext();
  return { x, taskId, seed, attempt, outputDir, aborted: signal.aborted };
};

test("calls know their number, their seed and their folder; seeds follow from the run's", async () => {
  const outputDir = join(temporaryFolder(), "none");
  const pmap = new ParallelMap(told, [10, 20, 30]);
  const first = await pmap.compute({ ...quiet(), output: "memory", seed: 7 });
  const again = await pmap.compute({ ...quiet(), output: "memory", seed: 7 });
  const other = await pmap.compute({ ...quiet(), output: "memory" });
  expect(first.map(({ x, taskId, attempt }) => [x, taskId, attempt])).toEqual([
    [10, 0, 1],
    [20, 1, 1],
    [30, 2, 1],
  ]);
  expect(new Set(first.map(({ seed }) => seed)).size).toBe(3);
  expect(again).toEqual(first);
  expect(other.map(({ seed }) => seed)).not.toEqual(first.map(({ seed }) => seed));
  expect(first.every(({ outputDir: at, aborted }) => at === undefined && !aborted)).toBe(true);
  expect(await pmap.compute({ ...quiet(), output: "none", outputDir })).toBeUndefined();
  expect(existsSync(outputDir)).toBe(false);
});

test("a resumed run has the seeds that it had", async () => {
  const outputDir = join(temporaryFolder(), "seeds");
  const seeded = (_x: number) => Float64Array.of(getTaskContext().seed);
  const options = { ...quiet(), outputDir } as const;
  await new ParallelMap(seeded, [1, 2]).compute({ ...options, seed: 5 });
  const file = join(outputDir, "seeded_payload", "seeded_1.h5");
  const before = readFileSync(file);
  rmSync(file);
  await new ParallelMap(seeded, [1, 2]).compute(options);
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(JSON.parse(readFileSync(join(outputDir, ".acme", "run.json"), "utf8")).seed).toBe(5);
  const changed = new ParallelMap(seeded, [1, 2]).compute({ ...options, seed: 6 });
  await expect(changed).rejects.toThrow("the seed was 5, not 6");
});

test("what a call writes is in its own log, and in the report of its failure", async () => {
  const outputDir = join(temporaryFolder(), "logs");
  const chatty = (x: number) => {
    console.log("began", x);
    getTaskContext().log("half way");
    if (x === 2) throw new Error("two");
    return x;
  };
  const options = { ...quiet(), outputDir, onError: "continue" } as const;
  const run = new ParallelMap(chatty, [1, 2]).run(options);
  for await (const _call of run);
  const logs = join(outputDir, ".acme", "logs");
  expect(readdirSync(logs).sort()).toEqual(["chatty_0.log", "chatty_1.log"]);
  expect(readFileSync(join(logs, "chatty_0.log"), "utf8")).toBe("began 1\nhalf way\n");
  expect(run.report.failures.map(({ logTail }) => logTail)).toEqual(["began 2\nhalf way\n"]);
});

test("a function that saves by itself leaves only what it saves, and nothing comes back", async () => {
  const outputDir = join(temporaryFolder(), "own");
  const saves = async (x: number) => {
    const { mkdir, writeFile } = await import("node:fs/promises");
    const { outputDir: folder = "", taskId } = getTaskContext();
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/mine_${taskId}.txt`, String(x));
    return new WeakMap();
  };
  const pmap = new ParallelMap(saves, [1, 2]);
  expect(await pmap.compute({ ...quiet(), output: "none", outputDir })).toBeUndefined();
  expect(readdirSync(outputDir).sort()).toEqual(["mine_0.txt", "mine_1.txt"]);
});

test("results of one shape come back as one array", async () => {
  const row = (x: number) => Float64Array.of(x, -x);
  const options = { ...quiet(), output: "memory", resultShape: [2, null] } as const;
  expect(await new ParallelMap(row, [1, 2, 3]).compute(options)).toEqual({
    data: Float64Array.of(1, 2, 3, -1, -2, -3),
    shape: [2, 3],
    dtype: "float64",
  });
});

test("a run in files leaves a log beside them; given lists are spread by their length", async () => {
  const outputDir = join(temporaryFolder(), "logged");
  const size = (x: number, all: number[]) => x + all.length;
  const pmap = ParallelMap.withInputs(2, size, [1, 2], [7, 8, 9]);
  await pmap.compute({ client: site.client, progress: false, outputDir });
  const log = readdirSync(outputDir).find((name) => name.endsWith(".log"));
  expect(log).toMatch(/^ACME_size_\d{8}-\d{6}\.log$/);
  expect(readFileSync(join(outputDir, log as string), "utf8")).toContain("2 calls of size");
  expect(await pmap.compute({ ...quiet(), output: "memory" })).toEqual([4, 5]);
  expect(() => ParallelMap.withInputs(4, size, [1, 2], [7, 8, 9])).toThrow("nothing has the 4");
});

test("a few calls tell what all will take", async () => {
  const slow = async (ms: number) => {
    await new Promise((done) => setTimeout(done, ms));
  };
  const estimate = await new ParallelMap(slow, [50, 60, 70, 5_000]).estimate({
    sample: 4,
    seconds: 0.5,
  });
  expect(estimate.sampled).toEqual([0, 1, 2, 3]);
  expect(estimate.cut).toEqual([3]);
  expect(estimate.seconds).toBeGreaterThan(0.15);
  expect(estimate.coreHours).toBeCloseTo((4 * estimate.seconds) / 3_600);
  expect(estimate.memoryPerTask).toBeGreaterThan(2e7);
});

test("a cluster that is to stay stays, as the current one", async () => {
  const pmap = new ParallelMap((x: number) => x, [1]);
  const options = { nWorkers: 1, progress: false, output: "memory" } as const;
  expect(await pmap.compute({ ...options, stopClient: false, setupTimeout: 30 })).toEqual([1]);
  const kept = currentClient();
  expect(kept?.isOpen).toBe(true);
  expect(await pmap.compute({ ...options, stopClient: true })).toEqual([1]);
  expect(kept?.isOpen).toBe(false);
});
