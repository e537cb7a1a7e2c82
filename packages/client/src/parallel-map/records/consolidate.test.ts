// The real array against the view on the files, as h5py reads both: wherever results are stacked,
// when some are missing, differ in length, or are too large to be in memory together.
import { join } from "node:path";
import { expect, test } from "vitest";
import { FileOutput } from "../file-output.js";
import { runH5py } from "../fixtures/h5py.js";
import { temporaryFolder } from "../fixtures/temporary-folder.js";
import { zipInputs } from "../inputs.js";
import { range } from "../markers.js";
import { type ResultShape, resultLayout } from "../result-layout.js";
import { storeResult } from "../write-result.js";
import { consolidate } from "./consolidate.js";

interface Made {
  readonly count: number;
  readonly shape: ResultShape;
  readonly dtype?: string;
  readonly make: (i: number) => unknown;
  readonly skip?: number;
}

async function runOf({ count, shape, dtype = "float64", make, skip }: Made): Promise<FileOutput> {
  const outputDir = temporaryFolder();
  const inputs = zipInputs(make as never, [range(count)]);
  const layout = resultLayout(shape, dtype);
  const rules = { layout, dtype: layout.dtype, attributes: { note: "ü", weights: [0.5, 2] } };
  const fn = Object.defineProperty(make, "name", { value: "f" });
  // What is read back here was never told to the disk.
  const files = await FileOutput.begin({ fn, inputs, outputDir, fsync: false, ...rules });
  for (const i of range(count).filter((i) => i !== skip)) {
    const written = await storeResult(files.job, i, make(i));
    files.record(i, written);
    files.records.done(i, written);
  }
  await files.finish(count);
  await files.records.finish("done");
  return files;
}

const values = (length: number, i: number) =>
  Float64Array.from({ length }, (_, k) => 1_000 * i + k);
const cube = (i: number) => ({ data: values(24, i), shape: [2, 3, 4] });

const code = `
f = h5py.File(paths[0], "r")
d = f["result_0"]
result = {"virtual": d.is_virtual, "shape": d.shape, "dtype": str(d.dtype), "values": shown(d),
          "completed": f["completed"][()].tolist(), "note": f.attrs["note"],
          "weights": shown(f.attrs["weights"]), "n": int(f.attrs["n_inputs"]),
          "more": shown(f["comp_1/result_1"]) if "comp_1/result_1" in f else None}`;

test.for<[string, Made]>([
  ["first", { count: 5, shape: [null, 2, 3, 4], make: cube }],
  ["in the middle", { count: 5, shape: [2, null, 3, 4], make: cube, skip: 2 }],
  ["last", { count: 5, shape: [2, 3, 4, null], make: cube }],
  ["alone", { count: 7, shape: [null], make: (i) => i / 3, skip: 0 }],
  [
    "of whole numbers",
    { count: 3, shape: [2, null], dtype: "int16", make: (i) => [i, -i], skip: 1 },
  ],
  ["with more beside it", { count: 3, shape: [null, 2], make: (i) => [values(2, i), `n${i}`] }],
  [
    "of different length",
    {
      count: 4,
      shape: [2, Infinity, null],
      make: (i) => ({ data: values(2 * i, i), shape: [2, i] }),
    },
  ],
])("an array stacked %s is the same as its view", async ([, made], context) => {
  const files = await runOf(made);
  const before = runH5py(context, code, files.container as string) as { virtual: boolean };
  expect(before.virtual).toBe(true);
  expect(await consolidate({ resultsContainer: files.container })).toBe(files.container);
  expect(runH5py(context, code, files.container as string)).toEqual({ ...before, virtual: false });
});

test("more than memory is to hold at a time is copied in passes", async (context) => {
  const make = (i: number) => ({
    data: new Float64Array(1e6).fill(i).map((x, k) => x + k / 1e6),
    shape: [1_000, 1_000],
  });
  const files = await runOf({ count: 10, shape: [1_000, null, 1_000], make });
  await consolidate({ resultsContainer: files.container });
  const check = `
d = h5py.File(paths[0], "r")["result_0"]
want = numpy.arange(1e6).reshape(1000, 1, 1000) / 1e6 + numpy.arange(10).reshape(1, 10, 1)
result = [d.is_virtual, bool((d[()] == want).all())]`;
  expect(runH5py(context, check, files.container as string)).toEqual([false, true]);
});

test("above 900 calls it is done without being asked", async (context) => {
  const files = await runOf({ count: 950, shape: [null], make: (i) => i });
  const check = `
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
d = h5py.File(paths[0], "r")["result_0"]
result = [d.is_virtual, int((d[()] == numpy.arange(950)).sum())]`;
  expect(runH5py(context, check, files.container as string)).toEqual([false, 950]);
});

test("without resultShape there is nothing to put together", async () => {
  const outputDir = join(temporaryFolder(), "out");
  const inputs = zipInputs(((x: number) => x) as never, [[1]]);
  const rules = { layout: null, dtype: null, attributes: {} };
  const files = await FileOutput.begin({ fn: function f() {}, inputs, outputDir, ...rules });
  await files.records.finish("cancelled");
  await expect(consolidate(outputDir)).rejects.toThrow("give resultShape");
  await expect(consolidate({ resultsContainer: undefined })).rejects.toThrow("no files yet");
});
