// Calls that fail: what becomes of the others, what is told, and what another attempt changes.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { MapError, ParallelMap, range } from "@acme/client";
import { expect, test } from "vitest";
import { mapSite, temporaryFolder } from "./fixtures/map-site.js";

const site = mapSite();

const { here } = site;
const inMemory = () => ({ ...here(), output: "memory" as const });

const inverse = (x: number, name: string): number => {
  if (x === 7_001) throw new RangeError(`${name} has no inverse`);
  return 1 / x;
};

test("one of 10,000 calls fails: 9,999 are delivered, and the report names the one", async () => {
  const run = new ParallelMap(inverse, range(10_000), "the input").run({
    ...inMemory(),
    onError: "continue",
  });
  const delivered = new Set<number>();
  for await (const call of run) {
    if (call.status === "done" && call.value === 1 / call.index) delivered.add(call.index);
  }
  expect(delivered.size).toBe(9_999);
  const { failures, failed, done } = run.report;
  expect([failed, done]).toEqual([1, 9_999]);
  expect(failures).toMatchObject([
    { index: 7_001, args: [7_001, "the input"], attempts: 1, host: hostname(), jobId: "" },
  ]);
  expect(failures[0]?.error).toBeInstanceOf(RangeError);
  expect(failures[0]?.error.stack).toMatch(/the input has no inverse\n\s+at inverse \(.*failures/);
  expect(failures[0]?.worker).toMatch(/^tls:/);
});

test("with files: the others' files, null in its place, failures.json beside them", async () => {
  const outputDir = temporaryFolder();
  const picky = (x: number): number => {
    if (x === 3) throw Object.assign(new Error("no threes"), { code: "NO_THREES" });
    return x;
  };
  const paths = await new ParallelMap(picky, range(6)).compute({
    ...here(),
    outputDir,
    onError: "continue",
  });
  expect(paths.map((path) => path !== null && existsSync(path))).toEqual(
    range(6).map((i) => i !== 3),
  );
  expect(paths[3]).toBeNull();
  const told = JSON.parse(readFileSync(join(outputDir, "failures.json"), "utf8"));
  expect(told).toMatchObject({
    function: "picky",
    calls: 6,
    failed: 1,
    failures: [
      {
        index: 3,
        arguments: "3",
        error: { name: "Error", message: "no threes", code: "NO_THREES" },
        attempts: 1,
        host: hostname(),
      },
    ],
  });
  expect(told.failures[0].error.stack).toMatch(/no threes\n\s+at picky/);
});

test("MapError has the results that there are", async () => {
  const picky = (x: number): number[] => {
    if (x === 1) throw new Error("one");
    return [x];
  };
  const error = await new ParallelMap(picky, range(3)).compute(inMemory()).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(MapError);
  const { partial, failedIndexes, count } = error as MapError;
  expect({ partial, failedIndexes, count }).toEqual({
    partial: [[0], undefined, [2]],
    failedIndexes: [1],
    count: 3,
  });
});

test("fail-fast ends the others with the first failure", async () => {
  const slow = async (ms: number): Promise<number> => {
    if (ms === 0) throw new Error("at once");
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ms;
  };
  const startMs = performance.now();
  const run = new ParallelMap(slow, [60_000, 0, 60_000]).compute({
    ...inMemory(),
    onError: "fail-fast",
  });
  await expect(run).rejects.toMatchObject({ code: "MAP_FAILED", failedIndexes: [1] });
  expect(performance.now() - startMs).toBeLessThan(20_000);
});

/** Counts its calls in a file, and fails the first so many times. */
const flaky = async (file: string, failures: number): Promise<number> => {
  const { appendFileSync, readFileSync: read } = await import("node:fs");
  appendFileSync(file, `${Date.now()}\n`);
  const tries = read(file, "utf8").trim().split("\n").length;
  if (tries <= failures) throw new Error(`try ${tries}`);
  return tries;
};

const timesIn = (file: string): number[] =>
  readFileSync(file, "utf8").trim().split("\n").map(Number);

test("a call that fails is tried again, after a while that grows", async () => {
  const folder = temporaryFolder();
  const files = ["a", "b"].map((name) => join(folder, name));
  const run = new ParallelMap(flaky, files, 2).run({
    ...inMemory(),
    retries: { max: 2, backoffMs: 200 },
  });
  const attempts: number[] = [];
  for await (const call of run) attempts.push(call.attempts);
  expect(attempts).toEqual([3, 3]);
  expect(run.report).toMatchObject({ done: 2, failed: 0, retried: 4 });
  for (const file of files) {
    const [first, second, third] = timesIn(file) as [number, number, number];
    expect(second - first).toBeGreaterThanOrEqual(199);
    expect(third - second).toBeGreaterThanOrEqual(399);
  }
});

test("when all attempts fail, the last one is told", async () => {
  const file = join(temporaryFolder(), "c");
  const run = new ParallelMap(flaky, [file], 99).compute({
    ...inMemory(),
    retries: { max: 1, backoffMs: 1 },
  });
  const error = (await run.catch((e: unknown) => e)) as MapError;
  expect(error.failures).toMatchObject([{ attempts: 2, error: { message: "try 2" } }]);
  expect(error.message).toContain(" 2 attempts, on ");
});

test("a call beyond its time limit fails, one that never waits too", async () => {
  const stuck = (how: string): unknown => {
    if (how === "loop") for (;;);
    return how === "promise" ? new Promise(() => {}) : how;
  };
  const startMs = performance.now();
  const values = ["loop", "quick", "promise", "also quick"];
  const run = new ParallelMap(stuck, values).run({
    ...inMemory(),
    timeLimitMs: 300,
    onError: "continue",
  });
  const done: number[] = [];
  for await (const call of run) if (call.status === "done") done.push(call.index);
  expect(done.sort()).toEqual([1, 3]);
  const { failures } = run.report;
  expect(failures.map(({ error }) => (error as { code?: string }).code)).toEqual([
    "CALL_TIMEOUT",
    "CALL_TIMEOUT",
  ]);
  expect(performance.now() - startMs).toBeLessThan(20_000);
});

test("of many small calls in one task only the one that kills its process fails", async () => {
  const deadly = (x: number): number => {
    if (x === 1_500) process.exit(3);
    return x;
  };
  const run = new ParallelMap(deadly, range(2_000)).run({ ...inMemory(), onError: "continue" });
  let done = 0;
  for await (const call of run) if (call.status === "done") done += 1;
  expect(done).toBe(1_999);
  expect(run.report.failures).toMatchObject([
    { index: 1_500, args: [1_500], error: { code: "KILLED_WORKER" } },
  ]);
  expect(run.report.failures[0]?.host).not.toBe("");
});

test("a result that the next run has makes the old failures.json go", async () => {
  const outputDir = temporaryFolder();
  writeFileSync(join(outputDir, "failures.json"), "{}");
  const fine = (x: number): number => x;
  await new ParallelMap(fine, range(2)).compute({ ...here(), outputDir });
  expect(existsSync(join(outputDir, "failures.json"))).toBe(false);
});
