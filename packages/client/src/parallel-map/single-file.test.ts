// One file for all results: what is in it, what is left of the others, and going on with it.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { StorageRules } from "./compute-options.js";
import { FileOutput } from "./file-output.js";
import { runH5py } from "./fixtures/h5py.js";
import { temporaryFolder } from "./fixtures/temporary-folder.js";
import { zipInputs } from "./inputs.js";
import { verify } from "./records/verify.js";
import { resultLayout } from "./result-layout.js";
import { storeResult } from "./write-result.js";

const growing = (x: number): unknown => [Float64Array.from({ length: x }, () => x), `note ${x}`];
const odd = (x: number): unknown => (x === 2 ? { not: "hdf5" } : x);
const ragged: StorageRules = {
  layout: resultLayout([null, Infinity], "float64"),
  dtype: "float64",
};

interface Begun {
  readonly outputDir: string;
  readonly fn: (x: number) => unknown;
  readonly rules?: StorageRules;
  readonly kind?: "single" | "serialized" | "files";
}

async function begin({ outputDir, fn, rules, kind = "single" }: Begun) {
  const inputs = zipInputs(fn as never, [[1, 2, 3]]);
  const how = { layout: null, dtype: null, ...rules, kind };
  const files = await FileOutput.begin({ fn, inputs, outputDir, attributes: {}, ...how });
  const compute = async (...indexes: number[]) => {
    for (const i of indexes) {
      const written = await storeResult(files.job, i, fn(inputs.row(i)[0] as number));
      files.record(i, written);
      files.records.done(i, written);
    }
  };
  const end = async () => {
    await files.finish(inputs.count);
    await files.records.finish("done");
    await files.tidy();
  };
  return { files, compute, end };
}

test("everything is in one file, padded where it is shorter, and nothing else is left", async (context) => {
  const outputDir = temporaryFolder();
  const { files, compute, end } = await begin({ outputDir, fn: growing, rules: ragged });
  await compute(0, 1, 2);
  expect(existsSync(join(outputDir, "growing.h5"))).toBe(false);
  await end();
  expect(readdirSync(outputDir).sort()).toEqual([".acme", "growing.h5", "provenance.json"]);
  expect(files.path({ file: "growing_1.h5", bytes: 1, crc32: 1, shapes: [[2]] })).toBe(
    join(outputDir, "growing.h5"),
  );
  const code = `
with h5py.File(paths[0]) as f:
    whole = f["result_0"]
    result = [whole.is_virtual, list(whole.shape), shown(whole), shown(f["result_0_lengths"]),
              shown(f["completed"]), f["comp_1/result_1"].asstr()[()], "result_0" in f["comp_1"]]`;
  expect(runH5py(context, code, files.container as string)).toEqual([
    false,
    [3, 3],
    [1, null, null, 2, 2, null, 3, 3, 3],
    [1, 2, 3],
    [true, true, true],
    "note 2",
    false,
  ]);
  expect(await verify(outputDir)).toMatchObject({ ok: true, present: 3 });
});

test("a session that finds all in the file has nothing to do, and writes nothing", async () => {
  const outputDir = temporaryFolder();
  const first = await begin({ outputDir, fn: odd });
  await first.compute(0, 1, 2);
  await first.end();
  // What HDF5 cannot hold stays beside it.
  expect(readdirSync(join(outputDir, "odd_payload"))).toEqual(["odd_1.msgpack"]);
  const { files, end } = await begin({ outputDir, fn: odd });
  const { done, isMerged } = files.records.plan();
  expect([...done.keys()]).toEqual([0, 1, 2]);
  expect(isMerged).toBe(true);
  expect(files.path(done.get(1)!)).toBe(join(outputDir, "odd_payload", "odd_1.msgpack"));
  await end();
  expect(readdirSync(join(outputDir, "odd_payload"))).toEqual(["odd_1.msgpack"]);
});

test("while a call is missing its files stay, and the file is made anew when it came", async (context) => {
  const outputDir = temporaryFolder();
  const first = await begin({ outputDir, fn: growing });
  await first.compute(0, 2);
  await first.end();
  expect(readdirSync(join(outputDir, "growing_payload"))).toHaveLength(2);
  const second = await begin({ outputDir, fn: growing });
  expect([...second.files.records.plan().done.keys()].sort()).toEqual([0, 2]);
  await second.compute(1);
  await second.end();
  expect(existsSync(join(outputDir, "growing_payload"))).toBe(false);
  const code = `
with h5py.File(paths[0]) as f:
    result = [sorted(f.keys()), shown(f["comp_2/result_0"])]`;
  expect(runH5py(context, code, join(outputDir, "growing.h5"))).toEqual([
    ["comp_0", "comp_1", "comp_2", "completed"],
    [3, 3, 3],
  ]);
});

test("a death between the whole file and the end of the others is tidied up", async () => {
  const outputDir = temporaryFolder();
  const first = await begin({ outputDir, fn: growing });
  await first.compute(0, 1, 2);
  await first.files.finish(3);
  await first.files.records.finish("done");
  expect(readdirSync(join(outputDir, "growing_payload"))).toHaveLength(3);
  const second = await begin({ outputDir, fn: growing });
  expect(second.files.records.plan().isMerged).toBe(true);
  await second.end();
  expect(existsSync(join(outputDir, "growing_payload"))).toBe(false);
});

test("serialized results lie in the folder itself, without a container", async () => {
  const outputDir = temporaryFolder();
  const first = await begin({ outputDir, fn: odd, kind: "serialized" });
  await first.compute(0, 1, 2);
  await first.end();
  expect(first.files.container).toBeUndefined();
  const names = ["odd_0.msgpack", "odd_1.msgpack", "odd_2.msgpack"];
  expect(readdirSync(outputDir).sort()).toEqual([".acme", ...names, "provenance.json"]);
  const second = await begin({ outputDir, fn: odd, kind: "serialized" });
  expect(second.files.records.plan().done.size).toBe(3);
  await second.end();
  await expect(begin({ outputDir, fn: odd })).rejects.toMatchObject({ code: "INPUTS_CHANGED" });
  expect(await verify(outputDir)).toMatchObject({ ok: true, present: 3 });
});
