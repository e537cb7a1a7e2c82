// What users of ACME stumble over, each by what they see, and what they see here instead.
import { mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { cleanup, isAcmeError, type MapError, ParallelMap, range } from "@acme/client";
import * as h5wasm from "h5wasm/node";
import { beforeAll, expect, test } from "vitest";
import { mapSite, temporaryFolder } from "./fixtures/map-site.js";

const { here: quiet } = mapSite();
const outputDirOf = (name: string) => join(temporaryFolder(), name);

beforeAll(async () => {
  await h5wasm.ready;
});

/** One dataset, by a reader that is not ours. */
function read(path: string, name: string) {
  const file = new h5wasm.File(path, "r");
  try {
    const { value, shape } = file.get(name) as h5wasm.Dataset;
    return { value: Array.from(value as Float64Array, Number), shape };
  } finally {
    file.close();
  }
}

test("1: debug runs in this very process, and throws what the function throws", async () => {
  const pids = await new ParallelMap((_x: number) => process.pid, [1, 2]).compute({
    ...quiet(),
    output: "memory",
    debug: true,
  });
  expect(pids).toEqual([process.pid, process.pid]);
  const mine = new RangeError("mine");
  const broken = new ParallelMap(
    (x: number) => {
      if (x === 2) throw mine;
      return x;
    },
    [1, 2, 3],
  );
  const outputDir = outputDirOf("debug");
  await expect(broken.compute({ ...quiet(), outputDir, debug: true })).rejects.toBe(mine);
});

test("2: a random function with equal arguments runs as often as was asked for", async () => {
  const random = ParallelMap.times(5, () => Math.random());
  expect(new Set(await random.compute({ ...quiet(), output: "memory" })).size).toBe(5);
});

test("3: sixty results that HDF5 cannot hold are sixty files", async () => {
  const record = (x: number) => ({ b: x });
  const outputDir = outputDirOf("sixty");
  const paths = await new ParallelMap(record, range(60)).compute({ ...quiet(), outputDir });
  expect(new Set(paths).size).toBe(60);
  const names = readdirSync(join(outputDir, "record_payload")).sort();
  expect(names).toEqual(
    range(60)
      .map((i) => `record_${i}.msgpack`)
      .sort(),
  );
});

test("4: results can be moved, and read as before", async () => {
  const row = (x: number) => Float64Array.of(x, 2 * x, 3 * x);
  const outputDir = outputDirOf("here");
  const options = { ...quiet(), outputDir, resultShape: [null, 3] };
  await new ParallelMap(row, [1, 2]).compute(options);
  const there = outputDirOf("there");
  renameSync(outputDir, there);
  const moved = read(join(there, "row.h5"), "result_0");
  expect(moved).toEqual({ value: [1, 2, 3, 2, 4, 6], shape: [2, 3] });
});

test("5: a result of the wrong shape is an error that says so, not an unreadable file", async () => {
  const five = (x: number) => new Float64Array(x);
  const outputDir = outputDirOf("wrong-shape");
  const options = { ...quiet(), outputDir, resultShape: [null, 7] };
  const error = await new ParallelMap(five, [7, 5]).compute(options).catch((e: unknown) => e);
  expect(isAcmeError(error, "MAP_FAILED")).toBe(true);
  expect((error as MapError).message).toContain("shape [5], but resultShape asks for [7]");
  expect(read(join(outputDir, "five.h5"), "completed").value).toEqual([1, 0]);
});

test.for(["files", "single"] as const)(
  "6: results of different lengths are padded with NaN, and their lengths are there (%s)",
  async (output) => {
    const growing = (x: number) => new Float64Array(x).fill(x);
    const outputDir = outputDirOf(`ragged-${output}`);
    const options = { ...quiet(), output, outputDir, resultShape: [null, Infinity] };
    await new ParallelMap(growing, [3, 1, 2]).compute(options);
    const container = join(outputDir, "growing.h5");
    const nan = Number.NaN;
    expect(read(container, "result_0")).toEqual({
      value: [3, 3, 3, 1, nan, nan, 2, 2, nan],
      shape: [3, 3],
    });
    expect(read(container, "result_0_lengths").value).toEqual([3, 1, 2]);
  },
);

test("7: the error in the end tells the function's own error, with its stack", async () => {
  const picky = (x: number) => {
    if (x === 3) throw new TypeError("three is not allowed");
    return x;
  };
  const error = await new ParallelMap(picky, [1, 2, 3])
    .compute({ ...quiet(), output: "memory" })
    .catch((e: unknown) => e);
  const { message, cause } = error as MapError;
  expect(message).toMatch(/call 2, picky\(3\)[\s\S]*TypeError: three is not allowed\n\s+at picky/);
  expect(cause).toBeInstanceOf(TypeError);
});

test("8: one failed call costs no other, and the rest is made when it is asked for again", async () => {
  const flag = join(temporaryFolder(), "mended");
  const fragile = async (x: number, path: string) => {
    const { existsSync } = await import("node:fs");
    if (x === 2 && !existsSync(path)) throw new Error("not yet");
    return x;
  };
  const outputDir = outputDirOf("resumed");
  const pmap = new ParallelMap(fragile, [1, 2, 3], flag);
  const error = await pmap.compute({ ...quiet(), outputDir }).catch((e: unknown) => e);
  expect((error as MapError).partial.map((path) => path !== null)).toEqual([true, false, true]);
  mkdirSync(flag);
  const run = pmap.run({ ...quiet(), outputDir });
  for await (const call of run) expect(call.status).toBe("done");
  expect(run.report).toMatchObject({ done: 3, resumed: 2, failed: 0 });
});

test("12: maps with equal values for all calls can follow each other at once", async () => {
  const add = (x: number, y: number[]) => x + y.length;
  for (let round = 0; round < 15; round++) {
    const pmap = new ParallelMap(add as (x: number, y: unknown) => number, [1, 2], { length: 3 });
    expect(await pmap.compute({ ...quiet(), output: "memory" })).toEqual([4, 5]);
  }
});

test("13: compute() gives the results, on the map itself, as often as it is called", async () => {
  const pmap = new ParallelMap((x: number) => x, [1]);
  expect(pmap.resultsContainer).toBeUndefined();
  expect(await pmap.compute({ ...quiet(), output: "memory" })).toEqual([1]);
  const outputDir = outputDirOf("twice");
  expect(await pmap.compute({ ...quiet(), outputDir })).toHaveLength(1);
  expect(pmap.resultsContainer).toBe(join(outputDir, "anonymous.h5"));
});

test("14: what one file for all cannot hold is beside it, and no lock is spoken of", async () => {
  const odd = (x: number) => (x === 2 ? new Map([["x", x]]) : x);
  const outputDir = outputDirOf("single-odd");
  const options = { ...quiet(), output: "single", outputDir } as const;
  expect(await new ParallelMap(odd, [1, 2]).compute(options)).toEqual([join(outputDir, "odd.h5")]);
  expect(readdirSync(join(outputDir, "odd_payload"))).toEqual(["odd_1.msgpack"]);
  expect(read(join(outputDir, "odd.h5"), "comp_0/result_0").value).toEqual([1]);
});

test("15: the log says where results are, whatever they are", async () => {
  const logfile = join(temporaryFolder(), "serialized.log");
  const outputDir = outputDirOf("logged");
  const options = { ...quiet(), logfile, outputDir, output: "serialized" } as const;
  await new ParallelMap((x: number) => x, [1]).compute(options);
  const log = readFileSync(logfile, "utf8");
  expect(log).toContain("INFO     1 calls of anonymous on the given client");
  expect(log).toContain("ANNOUNCE 1 of 1 calls of anonymous are done");
  expect(log).toMatch(new RegExp(`results are in ${outputDir}\n$`));
});

test("16: the last that is told of a fast map is that all of it is done", async () => {
  const told: string[] = [];
  const onProgress = ({ done, total }: { done: number; total: number }) => {
    told.push(`${done}/${total}`);
  };
  const options = { ...quiet(), output: "memory", onProgress } as const;
  await new ParallelMap((x: number) => x, range(50)).compute(options);
  expect(told.at(-1)).toBe("50/50");
});

test("17: an option or an argument that is not there is named", async () => {
  const options = { ouput: "memory" } as Record<string, unknown>;
  const pmap = new ParallelMap((x: number) => x, [1]);
  await expect(pmap.compute(options)).rejects.toThrow("no option ouput");
  const one = ((x: number) => x) as (...args: unknown[]) => unknown;
  expect(() => new ParallelMap(one, [1], 2)).toThrow("takes 1 arguments (x), but 2 were given");
});

test("18: bound functions have names, no calls are no error, and that is said", async () => {
  const scale = (factor: number, x: number) => factor * x;
  const outputDir = outputDirOf("bound");
  const [path] = await new ParallelMap(scale.bind(null, 3) as (x: number) => number, [2]).compute({
    ...quiet(),
    outputDir,
  });
  expect(path).toBe(join(outputDir, "bound_scale_payload", "bound_scale_0.h5"));
  const none = new ParallelMap((x: number) => x, [] as number[]);
  expect(await none.compute({ ...quiet(), output: "memory" })).toEqual([]);
});

test("19: a dry run spoils nothing of a single file", async () => {
  const outputDir = outputDirOf("dry");
  const options = { ...quiet(), output: "single", outputDir, dryRun: true } as const;
  await new ParallelMap((x: number) => x, [5, 6]).compute(options);
  expect(read(join(outputDir, "anonymous.h5"), "comp_1/result_0").value).toEqual([6]);
});

test("20: a folder that somebody else called ACME_ is never removed", async () => {
  const folder = outputDirOf("cleaned");
  for (const name of ["ACME_mythesis", "ACME_20200101-000000-000000"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  await cleanup({ olderThanDays: 0, folder });
  expect(readdirSync(folder)).toEqual(["ACME_mythesis"]);
});
