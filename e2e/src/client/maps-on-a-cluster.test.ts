// Parallel maps on a real cluster: values, files, failures, an end by signal, a lost worker, and a
// program that starts no cluster itself.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { each, MapError, ParallelMap, range, shared } from "@acme/client";
import { expect, test } from "vitest";
import { mapSite, temporaryFolder } from "../map/fixtures/map-site.js";

const site = mapSite();

const { here } = site;

test("values come back in input order, with what the function captured", async () => {
  const factor = 2;
  const f = (x: number, y: number): number => (x + y) * factor;
  const pmap = new ParallelMap(f, [2, 4, 6, 8], 4);
  expect(await pmap.compute({ ...here(), output: "memory" })).toEqual([12, 16, 20, 24]);
  expect(await pmap.compute({ ...here(), output: "memory" })).toEqual([12, 16, 20, 24]);
  expect(pmap.resultsContainer).toBeUndefined();
});

test("fields of options are spread, shared lists stay whole", async () => {
  const g = (x: number, { order, band }: { order: number; band: number[] }) =>
    x * order + band.length;
  const pmap = new ParallelMap(g, Float64Array.of(1, 2), {
    order: each([10, 20]),
    band: shared([1, 2, 3]),
  });
  expect(await pmap.compute({ ...here(), output: "memory" })).toEqual([13, 43]);
});

test("equal calls are made as often as asked", async () => {
  const pmap = ParallelMap.times(20, () => Math.random());
  const values = await pmap.compute({ ...here(), output: "memory" });
  expect(new Set(values).size).toBe(20);
});

test("every call writes its file, and progress is told", async () => {
  const outputDir = join(temporaryFolder(), "new", "folder");
  const square = (x: number): number => x * x;
  const told: number[] = [];
  const pmap = new ParallelMap(square, range(12));
  const paths = await pmap.compute({
    ...here(),
    outputDir,
    resultShape: [null],
    onProgress: ({ done, total }) => void told.push(done / total),
  });
  expect(paths).toEqual(range(12).map((i) => join(outputDir, "square_payload", `square_${i}.h5`)));
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  expect(pmap.resultsContainer).toBe(join(outputDir, "square.h5"));
  expect(told.length).toBeGreaterThan(0);
  expect(told).toEqual(told.toSorted((a, b) => a - b));
  expect(told.at(-1)).toBe(1);
  await expect(pmap.compute({ ...here(), outputDir })).rejects.toMatchObject({
    code: "INPUTS_CHANGED",
    message: expect.stringContaining("resultShape"),
  });
});

test("failures are told after the others are done, whose files stay", async () => {
  const outputDir = temporaryFolder();
  const picky = (x: number): number => {
    if (x % 2 === 1) throw new RangeError(`odd: ${x}`);
    return x;
  };
  const failed = await new ParallelMap(picky, range(6)).compute({ ...here(), outputDir }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failed).toBeInstanceOf(MapError);
  const { message, failures, failedIndexes, resultsContainer } = failed as MapError;
  expect(message).toContain("3 of 6 calls of picky failed");
  expect(message).toMatch(/call 1, picky\(1\) on .*, worker .*:\n {2}RangeError: odd: 1\n {6}at /);
  expect(failures[0]?.error).toBeInstanceOf(RangeError);
  expect(failedIndexes).toEqual([1, 3, 5]);
  expect(resultsContainer).toBe(join(outputDir, "picky.h5"));
  const good = [0, 2, 4].map((i) => `picky_${i}.h5`);
  expect(readdirSync(join(outputDir, "picky_payload")).sort()).toEqual(good);
});

test("a wrong shape names call, expectation and fact", async () => {
  const outputDir = temporaryFolder();
  const grow = (n: number) => new Float64Array(n);
  const run = new ParallelMap(grow, [2, 2, 3]).compute({
    ...here(),
    outputDir,
    resultShape: [null, 2],
  });
  await expect(run).rejects.toThrow(/result of call 2 has shape \[3\].*asks for \[2\]/);
});

test("a function that cannot be sent leaves no folder behind", async () => {
  const outputDir = temporaryFolder();
  const captured = site.client;
  const f = (x: number) => [x, captured.id];
  const run = new ParallelMap(f, [1, 2]).compute({ ...here(), outputDir });
  await expect(run).rejects.toMatchObject({ name: "FunctionShipError" });
  expect(readdirSync(outputDir)).toEqual([]);
});

test("a signal ends a map at once, and the container says what was done", async () => {
  const outputDir = temporaryFolder();
  const wait = async (ms: number): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ms;
  };
  const stop = new AbortController();
  const run = new ParallelMap(wait, [0, 60_000, 60_000]).compute({
    ...here(),
    outputDir,
    signal: stop.signal,
    onProgress: ({ done }) => {
      if (done === 1) stop.abort(new Error("enough"));
    },
  });
  const started = performance.now();
  await expect(run).rejects.toThrow("enough");
  expect(performance.now() - started).toBeLessThan(20_000);
  expect(readdirSync(join(outputDir, "wait_payload"))).toEqual(["wait_0.h5"]);
  const after = new ParallelMap(wait, [1, 2]).compute({ ...here(), output: "memory" });
  expect(await after).toEqual([1, 2]);
});

test("an error of onProgress ends the map with it", async () => {
  const run = new ParallelMap((x: number) => x, range(4)).compute({
    ...here(),
    output: "memory",
    onProgress: () => {
      throw new Error("mine");
    },
  });
  await expect(run).rejects.toThrow("mine");
});

test("a killed worker loses no result", async () => {
  const outputDir = temporaryFolder();
  const slow = async (x: number): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return x;
  };
  let killed = false;
  const paths = await new ParallelMap(slow, range(30)).compute({
    ...here(),
    outputDir,
    onProgress: ({ done }) => {
      if (done < 5 || killed) return;
      killed = true;
      process.kill(site.cluster.workerPids[0] as number, "SIGKILL");
    },
  });
  expect(killed).toBe(true);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  expect(paths).toHaveLength(30);
});

test("an empty list makes no call, and says so by an empty result", async () => {
  const outputDir = temporaryFolder();
  const empty: number[] = [];
  const f = (x: number) => x;
  expect(await new ParallelMap(f, empty).compute({ ...here(), outputDir })).toEqual([]);
  expect(existsSync(join(outputDir, "f.h5"))).toBe(true);
});

test("without any client a cluster is started, and the program ends by itself", () => {
  const folder = temporaryFolder();
  const program = join(folder, "program.mjs");
  writeFileSync(
    program,
    `import { ParallelMap } from ${JSON.stringify(import.meta.resolve("@acme/client"))};
const f = (x, y) => (x + y) * 2;
const pmap = new ParallelMap(f, [2, 4, 6, 8], 4);
const paths = await pmap.compute();
console.log(JSON.stringify({ paths, container: pmap.resultsContainer, ended: Date.now() }));
`,
  );
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], {
    cwd: folder,
    encoding: "utf8",
  });
  const afterMs = Date.now();
  expect(status).toBe(0);
  const { paths, container, ended } = JSON.parse(stdout);
  expect(afterMs - ended).toBeLessThan(2_000);
  expect(stderr).toContain("acme: x: distributed (4) · y: broadcast");
  expect(stderr).toContain("4/4");
  expect(container).toMatch(/ACME_\d{8}-\d{6}-\d{6}\/f\.h5$/);
  expect(paths).toHaveLength(4);
  expect([...paths, container].filter((path: string) => !existsSync(path))).toEqual([]);
});
