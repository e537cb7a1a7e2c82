// Whole runs without a cluster: every call's file and the container, read back by h5py.
import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { decodeMessage } from "@acme/protocol";
import { decodeError, decodeValue } from "@acme/serialize";
import { expect, type TestContext, test } from "vitest";
import { reportIn } from "./calls/calls-failed.js";
import type { CallsReport } from "./calls/run-each.js";
import { type ComputeMapOptions, storageRules } from "./compute-options.js";
import { FileOutput } from "./file-output.js";
import { runH5py } from "./fixtures/h5py.js";
import { temporaryFolder } from "./fixtures/temporary-folder.js";
import { repeatInputs, zipInputs } from "./inputs.js";
import { range } from "./markers.js";
import { storeResult, type WrittenResult, writeResults } from "./write-result.js";

type Skip = (i: number) => boolean;

/** Makes the calls of `f(0)`, `f(1)`, … here, in this process, but for those left out. */
async function runHere(
  f: (i: number) => unknown,
  count: number,
  options: ComputeMapOptions = {},
  skip: Skip = () => false,
): Promise<FileOutput> {
  const rules = storageRules(options);
  const { attributes = {} } = options;
  const outputDir = join(temporaryFolder(), "out");
  const inputs = zipInputs(f, [range(count)]);
  const files = await FileOutput.begin({ fn: f, inputs, outputDir, attributes, ...rules });
  for (const i of range(count).filter((i) => !skip(i))) {
    files.record(i, await storeResult(files.job, i, f(inputs.row(i)[0] as number)));
  }
  await files.finish(count);
  await files.records.finish("done");
  return files;
}

const pathsOf = (files: FileOutput): string[] =>
  files.results.map((result) => files.path(result as WrittenResult));

const read = (context: TestContext, code: string, files: FileOutput) =>
  runH5py(context, `f = h5py.File(paths[0], "r")\n${code}`, files.container as string);

test("the container links each call's file", async (context) => {
  const add = (x: number) => x + 4;
  const files = await runHere(add, 12, { attributes: { seed: 42, note: "ü" } });
  const found = read(
    context,
    `result = {
      "links": [[k, f.get(k, getlink=True).filename, f.get(k, getlink=True).path]
                for k in ["comp_0", "comp_11"]],
      "values": [shown(f[f"comp_{i}/result_0"]) for i in range(12)],
      "shape": f["comp_0/result_0"].shape, "completed": f["completed"][()].tolist(),
      "dtype": str(f["completed"].dtype), "function": f.attrs["function"], "n": int(f.attrs["n_inputs"]),
      "own": [f.attrs["seed"], f.attrs["note"]], "keys": sorted(f.attrs.keys()),
      "task": int(f["comp_3"].attrs["task_id"])}`,
    files,
  );
  expect(found).toEqual({
    links: [
      ["comp_0", "add_payload/add_0.h5", "/"],
      ["comp_11", "add_payload/add_11.h5", "/"],
    ],
    values: range(12).map((i) => [i + 4]),
    shape: [1],
    completed: new Array(12).fill(true),
    dtype: "bool",
    function: "add",
    n: 12,
    own: [42, "ü"],
    keys: expect.arrayContaining(["acme_version", "code_hash", "note", "run_id", "seed", "user"]),
    task: 3,
  });
  expect(pathsOf(files)[11]).toBe(
    join(files.container as string, "..", "add_payload", "add_11.h5"),
  );
});

test("with resultShape it shows one array, and further outputs beside it", async (context) => {
  const scaled = (i: number) => [
    { data: Float32Array.of(i, 1, 2, 3, 4, 5), shape: [2, 3] },
    `n${i}`,
  ];
  const files = await runHere(scaled, 4, { resultShape: [2, 3, null], resultDtype: "float64" });
  const found = read(
    context,
    `view = f["result_0"]
result = {"virtual": view.is_virtual, "shape": view.shape, "dtype": str(view.dtype),
          "row": shown(view[0, 0, :]), "last": shown(view[:, :, 3]),
          "sources": [s.file_name for s in view.virtual_sources()],
          "stored": str(h5py.File(paths[0].replace("scaled.h5", "scaled_payload/scaled_0.h5"))["result_0"].dtype),
          "extra": [f[f"comp_{i}/result_1"][()].decode() for i in range(4)],
          "members": sorted(f["comp_0"].keys())}`,
    files,
  );
  expect(found).toEqual({
    virtual: true,
    shape: [2, 3, 4],
    dtype: "float64",
    row: [0, 1, 2, 3],
    last: [3, 1, 2, 3, 4, 5],
    sources: range(4).map((i) => `scaled_payload/scaled_${i}.h5`),
    stored: "float64",
    extra: ["n0", "n1", "n2", "n3"],
    members: ["result_1"],
  });
});

test("the folder can be moved", async (context) => {
  const files = await runHere((i: number) => i, 3, { resultShape: [null] });
  const before = join(files.container as string, "..");
  const after = `${before}-moved`;
  renameSync(before, after);
  const code = `result = shown(h5py.File(paths[0])["result_0"])`;
  expect(runH5py(context, code, join(after, "anonymous.h5"))).toEqual([0, 1, 2]);
});

test.each([
  ["float64", null],
  ["int32", 0],
])("calls without result show as %s %s, and completed says so", async (dtype, fill) => {
  const files = await runHere(
    (i) => i + 1,
    4,
    { resultShape: [null], resultDtype: dtype },
    (i) => i === 2,
  );
  const context = { skip: () => {} } as unknown as TestContext;
  const code = `result = [shown(f["result_0"]), f["completed"][()].tolist(), sorted(f.keys())]`;
  expect(read(context, code, files)).toEqual([
    [1, 2, fill, 4],
    [true, true, false, true],
    ["completed", "result_0"],
  ]);
});

test("a container that was only begun is valid and empty", async (context) => {
  const outputDir = temporaryFolder();
  const rules = storageRules({ resultShape: [null, 2] });
  const fn = function f() {};
  const inputs = repeatInputs(2, fn, []);
  const files = await FileOutput.begin({ fn, inputs, outputDir, attributes: {}, ...rules });
  const code = `result = [f["completed"][()].tolist(), shown(f["result_0"]), f["result_0"].shape]`;
  expect(read(context, code, files)).toEqual([
    [false, false],
    [null, null, null, null],
    [2, 2],
  ]);
});

test("results of different length are padded to the longest", async (context) => {
  const ragged = (i: number) => Float64Array.from({ length: i + 1 }, (_, k) => k);
  const files = await runHere(ragged, 3, { resultShape: [null, Infinity] });
  const code = `result = [f["result_0"].shape, f["result_0"].maxshape, shown(f["result_0"])]`;
  expect(read(context, code, files)).toEqual([
    [3, 3],
    [3, null],
    [0, null, null, 0, 1, null, 0, 1, 2],
  ]);
});

test("values of every kind arrive as h5py users expect", async (context) => {
  const values = [
    18,
    "tëxt",
    true,
    12345678901234567890n,
    ["a", "bc"],
    new Int16Array([1, -2]),
    { data: Float64Array.of(1, 2), shape: [1], dtype: "complex128" },
    [],
  ];
  const kinds = (i: number) => values[i];
  const files = await runHere(kinds, values.length);
  const code = `
def describe(d):
    return [str(d.dtype), list(d.shape), str(d[()].tolist())]
result = [describe(f[f"comp_{i}/result_0"]) for i in range(8)]`;
  expect(read(context, code, files)).toEqual([
    ["float64", [1], "[18.0]"],
    ["object", [1], `[b't\\xc3\\xabxt']`],
    ["bool", [1], "[True]"],
    ["uint64", [1], "[12345678901234567890]"],
    ["object", [2], "[b'a', b'bc']"],
    ["int16", [2], "[1, -2]"],
    ["complex128", [1], "[(1+2j)]"],
    ["float64", [0], "[]"],
  ]);
});

test("what HDF5 cannot hold becomes msgpack for that call alone", async (context) => {
  const table = new Map([["a", new Float64Array(40_000).fill(1.5)]]);
  const mixed = (i: number) => [{ b: 2, list: [1, "x"] }, null, 5, table][i];
  const files = await runHere(mixed, 4);
  const names = ["mixed_0.msgpack", "mixed_1.msgpack", "mixed_2.h5", "mixed_3.msgpack"];
  const payload = join(files.container as string, "..", "mixed_payload");
  expect(pathsOf(files)).toEqual(names.map((name) => join(payload, name)));
  expect(files.fallbacks).toEqual(names.filter((name) => name.endsWith("msgpack")));
  expect(readdirSync(payload).sort()).toEqual(names);
  const values = [0, 1, 3].map((i) => {
    const frames = decodeMessage([readFileSync(join(payload, names[i] as string))]);
    return decodeValue(frames as Uint8Array[]);
  });
  expect(values).toEqual([{ b: 2, list: [1, "x"] }, null, table]);
  const code = `result = [sorted(f.keys()), f["completed"][()].tolist()]`;
  expect(read(context, code, files)).toEqual([
    ["comp_2", "completed"],
    [false, false, true, false],
  ]);
});

test("a wrong shape writes nothing", async () => {
  const files: FileOutput[] = [];
  const wrong = (i: number) => new Float64Array(i);
  const outputDir = join(temporaryFolder(), "out");
  const rules = storageRules({ resultShape: [null, 1] });
  const inputs = zipInputs(wrong, [range(3)]);
  files.push(await FileOutput.begin({ fn: wrong, inputs, outputDir, attributes: {}, ...rules }));
  const job = { fn: wrong, calls: inputs.layout, ...(files[0] as FileOutput).job };
  const rows = [[1, 1] as const, [2, 2] as const];
  const failed = await writeResults(job, { attempt: 1, rows }).catch((thrown: Error) => thrown);
  const { values, failures } = reportIn(failed as Error) as CallsReport;
  expect(values).toEqual([expect.objectContaining({ file: "wrong_1.h5" }), null]);
  expect(failures.map(({ at }) => at)).toEqual([1]);
  const error = decodeError(failures[0]?.error as Uint8Array[]);
  expect(error).toMatchObject({ code: "RESULT_SHAPE", index: 2 });
  expect(readdirSync(join(outputDir, "wrong_payload"))).toEqual(["wrong_1.h5"]);
});

test("a second try of a call keeps the file of the first", async () => {
  const outputDir = temporaryFolder();
  let tries = 0;
  const counted = () => {
    tries += 1;
    return tries;
  };
  const rules = storageRules({});
  const files = await FileOutput.begin({
    fn: counted,
    inputs: repeatInputs(1, counted, []),
    outputDir,
    attributes: {},
    ...rules,
  });
  const job = { fn: counted, calls: { ownCount: 0, arguments: [] }, ...files.job };
  const sent = { attempt: 1, rows: [[0] as const] };
  const first = await writeResults(job, sent);
  const second = await writeResults(job, sent);
  expect(tries).toBe(1);
  const { codeHash } = files.records.origin;
  expect(second.values).toEqual([{ ...(first.values[0] as WrittenResult), codeHash }]);
  expect(existsSync(join(outputDir, "counted_payload", "counted_0.h5"))).toBe(true);
});

test("what options contradict is told, and what there is not is refused", () => {
  const memory: ComputeMapOptions = { output: "memory", outputDir: "x", resultShape: [null] };
  expect(storageRules(memory).notes).toEqual(['outputDir does nothing with output "memory"']);
  const unknown = { output: "paper" } as unknown as ComputeMapOptions;
  expect(() => storageRules(unknown)).toThrow('output "paper" is unknown');
  const misspelt = { outputdir: "x", ouput: "memory" } as ComputeMapOptions;
  expect(() => storageRules(misspelt)).toThrow("no option outputdir, ouput; there are output, ");
  for (const client of ["tcp://127.0.0.1:8786", Promise.resolve()]) {
    const options = { client } as unknown as ComputeMapOptions;
    expect(() => storageRules(options)).toThrow("the option client is no Client");
  }
});
