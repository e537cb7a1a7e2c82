// Virtual datasets over real source files: limited and growing, moved, incomplete.
import { mkdirSync, renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import h5wasm, { type Dataset } from "h5wasm/node";
import { beforeAll, expect, test } from "vitest";
import { h5dump, runH5py } from "./fixtures/oracles.js";
import { temporaryFolder } from "./fixtures/temporary-folder.js";
import {
  dataset,
  encodeFile,
  file,
  type VirtualDatasetOptions,
  virtualDataset,
  writeFile,
} from "./index.js";

beforeAll(async () => {
  (await h5wasm.ready).activate_throwing_error_handler();
});

/** A run folder: payload files holding `rows[i]`, and a container with a view over them. */
async function writeRun(
  folder: string,
  rows: readonly unknown[],
  view: VirtualDatasetOptions,
): Promise<string> {
  mkdirSync(join(folder, "f_payload"), { recursive: true });
  for (const [i, row] of rows.entries()) {
    const tree = file({ members: { result_0: dataset(row as number[]) } });
    await writeFile(join(folder, "f_payload", `f_${i}.h5`), tree);
  }
  const container = join(folder, "f.h5");
  await writeFile(container, file({ members: { result_0: virtualDataset(view) } }));
  return container;
}

function stacked(count: number, width: number, dtype = "float64"): VirtualDatasetOptions {
  const sources = Array.from({ length: count }, (_, i) => ({
    file: `f_payload/f_${i}.h5`,
    dataset: "result_0",
    start: [i, 0],
    count: [1, width],
  }));
  return { shape: [count, width], dtype, sources };
}

function ragged(count: number, width: number): VirtualDatasetOptions {
  const sources = stacked(count, width).sources.map((source) => ({
    ...source,
    count: [1, Infinity],
    selection: { start: [0], count: [Infinity] },
  }));
  return { shape: [count, width], maxShape: [count, Infinity], dtype: "float64", sources };
}

function readView(path: string): { shape: number[]; data: number[] } {
  const opened = new h5wasm.File(path, "r");
  try {
    const view = opened.get("result_0") as Dataset;
    return { shape: view.shape!.map(Number), data: Array.from(view.value as Float64Array) };
  } finally {
    opened.close();
  }
}

function readViewWithH5py(context: Parameters<typeof runH5py>[0], path: string): unknown {
  const code = `
view = h5py.File(${JSON.stringify(path)})["result_0"]
data = [None if value != value else value for value in view[()].reshape(-1).tolist()]
result = {"shape": list(view.shape), "max": list(view.maxshape), "data": data}`;
  return runH5py(context, code);
}

/** JSON has no NaN: h5py's side shows it as null. */
const nulls = (data: readonly number[]) => data.map((x) => (Number.isNaN(x) ? null : x));

test("1000 sources of a fixed shape", async (context) => {
  const rows = Array.from({ length: 1000 }, (_, i) => [i, i / 2, -i]);
  const path = await writeRun(temporaryFolder(), rows, stacked(1000, 3));
  const expected = rows.flat();
  expect(readView(path)).toEqual({ shape: [1000, 3], data: expected });
  expect(readViewWithH5py(context, path)).toEqual({
    shape: [1000, 3],
    max: [1000, 3],
    data: expected,
  });
});

test("300 sources of growing length, short rows padded", async (context) => {
  const rows = Array.from({ length: 300 }, (_, i) => [i + 1, 2, 3, 4, 5].slice(0, 1 + (i % 5)));
  const path = await writeRun(temporaryFolder(), rows, ragged(300, 5));
  const expected = rows.flatMap((row) => [...row, NaN, NaN, NaN, NaN].slice(0, 5));
  expect(readView(path)).toEqual({ shape: [300, 5], data: expected });
  expect(readViewWithH5py(context, path)).toEqual({
    shape: [300, 5],
    max: [300, null],
    data: nulls(expected),
  });
});

test("a missing source shows the fill value", async (context) => {
  const folder = temporaryFolder();
  const path = await writeRun(
    folder,
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    stacked(3, 2),
  );
  unlinkSync(join(folder, "f_payload", "f_1.h5"));
  const expected = [1, 2, NaN, NaN, 5, 6];
  expect(readView(path).data).toEqual(expected);
  expect(readViewWithH5py(context, path)).toMatchObject({ data: nulls(expected) });
});

test.each([
  ["int32", undefined, 0],
  ["int32", -1, -1],
  ["float32", undefined, NaN],
  ["uint8", 255, 255],
] as const)("a %s view filled with %s shows %s", async (dtype, fill, shown) => {
  const view = { ...stacked(2, 2, dtype), ...(fill === undefined ? {} : { fill }) };
  const path = await writeRun(temporaryFolder(), [[1, 2]], view);
  expect(readView(path).data).toEqual([1, 2, shown, shown]);
});

test("a moved folder still reads, from any working folder", async (context) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "before"));
  await writeRun(
    join(folder, "before"),
    [
      [1, 2],
      [3, 4],
    ],
    stacked(2, 2),
  );
  renameSync(join(folder, "before"), join(folder, "after"));
  const path = join(folder, "after", "f.h5");
  expect(readView(path).data).toEqual([1, 2, 3, 4]);
  expect(readViewWithH5py(context, path)).toMatchObject({ data: [1, 2, 3, 4] });
  expect(h5dump(context, path)).toContain("(1,0): 3, 4");
});

test("stacking along the last dimension, scalars into slots, part of a source", async (context) => {
  const folder = temporaryFolder();
  const sources = stacked(2, 2).sources.map((source, i) => ({
    ...source,
    start: [0, i],
    count: [2, 1],
    selection: { start: [1], count: [2] },
  }));
  const path = await writeRun(
    folder,
    [
      [9, 1, 2],
      [9, 3, 4],
    ],
    { ...stacked(2, 2), sources },
  );
  expect(readView(path).data).toEqual([1, 3, 2, 4]);
  const slots = stacked(2, 1).sources.map((source, i) => ({ ...source, start: [i], count: [1] }));
  const view = { shape: [2], dtype: "float64", sources: slots };
  const scalars = await writeRun(folder, [7, 8], view);
  expect(readView(scalars).data).toEqual([7, 8]);
  expect(readViewWithH5py(context, scalars)).toMatchObject({ data: [7, 8] });
});

test("a percent sign in a source name is itself", async (context) => {
  const folder = temporaryFolder();
  const name = "100%b%%_é.h5";
  await writeFile(join(folder, name), file({ members: { "a%b": dataset([5, 6]) } }));
  const source = { file: name, dataset: "a%b", start: [0], count: [2] };
  const view = virtualDataset({ shape: [2], dtype: "float64", sources: [source] });
  const path = join(folder, "view.h5");
  await writeFile(path, file({ members: { result_0: view } }));
  expect(readView(path).data).toEqual([5, 6]);
  expect(readViewWithH5py(context, path)).toMatchObject({ data: [5, 6] });
});

test("coordinates beyond 32 bits", async (context) => {
  const folder = temporaryFolder();
  await writeFile(join(folder, "x.h5"), file({ members: { x: dataset([1, 2]) } }));
  const far = 2 ** 33;
  const source = { file: "x.h5", dataset: "x", start: [far], count: [2] };
  const view = virtualDataset({ shape: [far + 2], dtype: "float64", sources: [source] });
  const path = join(folder, "far.h5");
  await writeFile(path, file({ members: { result_0: view } }));
  const code = `
view = h5py.File(${JSON.stringify(path)})["result_0"]
result = [view.shape[0], view[${far}:].tolist()]`;
  expect(runH5py(context, code)).toEqual([far + 2, [1, 2]]);
});

test.for<[number[], number[][]]>([
  [
    [0, 3],
    [[], [], []],
  ],
  [[3, 0], []],
])("a view of shape %o is empty", async ([shape, rows], context) => {
  const sources = rows.map((_, i) => ({
    file: `f_payload/f_${i}.h5`,
    dataset: "result_0",
    start: [0, i],
    count: [0, 1],
  }));
  const path = await writeRun(temporaryFolder(), rows, { shape, dtype: "float64", sources });
  expect(readView(path)).toEqual({ shape, data: [] });
  expect(readViewWithH5py(context, path)).toMatchObject({ shape, data: [] });
});

test("a view without sources shows only the fill value", async (context) => {
  const path = await writeRun(temporaryFolder(), [], stacked(0, 3));
  expect(readView(path)).toEqual({ shape: [0, 3], data: [] });
  const view = { shape: [2], dtype: "int16", fill: 7, sources: [] };
  const filled = await writeRun(temporaryFolder(), [], view);
  expect(readView(filled).data).toEqual([7, 7]);
  expect(readViewWithH5py(context, filled)).toMatchObject({ data: [7, 7] });
});

test.each<[string, string, Partial<VirtualDatasetOptions>]>([
  ["a piece outside the view", "invalid-selection", { shape: [1, 2] }],
  ["a maximum below the shape", "invalid-selection", { maxShape: [1, 2] }],
  ["a scalar view", "invalid-selection", { shape: [], sources: [] }],
  ["text", "invalid-option", { dtype: "str" }],
  [
    "an endless piece without source selection",
    "invalid-selection",
    {
      maxShape: [2, Infinity],
      sources: [{ file: "a.h5", dataset: "x", start: [0, 0], count: [1, Infinity] }],
    },
  ],
  [
    "an absolute source",
    "invalid-path",
    { sources: [{ file: "/a.h5", dataset: "x", start: [0, 0], count: [1, 2] }] },
  ],
])("%s is refused", (_, code, wrong) => {
  const view = virtualDataset({ ...stacked(2, 2), ...wrong });
  expect(() => encodeFile(file({ members: { view } }))).toThrow(expect.objectContaining({ code }));
});
