// The rules of ACME for arguments and options, one test each, where they are pure: what counts as a
// list, how many calls there are, what is refused. docs/from-acme.md names them.
import { expect, test } from "vitest";
import { type ComputeMapOptions, storageRules } from "./compute-options.js";
import { countedInputs } from "./inputs.js";
import { each, grid, range, shared } from "./markers.js";
import { ParallelMap } from "./parallel-map.js";
import { resultLayout } from "./result-layout.js";

const pair = (a: unknown, b?: unknown) => [a, b];
const callsOf = (pmap: { readonly calls: readonly unknown[] }) => pmap.calls;
const counted = (n: number | "auto", ...args: unknown[]) =>
  callsOf(ParallelMap.withInputs(n, pair, ...args));

test("the first argument is a function, or the map is refused", () => {
  for (const wrong of [undefined, null, 3, "f", {}]) {
    expect(() => new ParallelMap(wrong as unknown as () => void, [1])).toThrow(
      /first argument of ParallelMap is a function, not/,
    );
  }
});

test("a number of inputs is a whole number from 1 on, or auto", () => {
  for (const wrong of [0, -1, 1.5, Number.NaN, "four", true, null]) {
    expect(() => counted(wrong as number, [1, 2])).toThrow(/^nInputs is .*from 1 on, or "auto"/);
  }
  expect(counted("auto", [1, 2], 9)).toEqual([
    [1, 9],
    [2, 9],
  ]);
});

test("lists of the length that is asked for are spread, all others go whole to each call", () => {
  expect(counted(2, [1, 2], [7, 8, 9])).toEqual([
    [1, [7, 8, 9]],
    [2, [7, 8, 9]],
  ]);
  expect(counted(3, [1, 2], Float64Array.of(7, 8, 9))).toEqual([
    [[1, 2], 7],
    [[1, 2], 8],
    [[1, 2], 9],
  ]);
});

test("where nothing has that length the number of calls is refused, with all lengths", () => {
  expect(() => counted(4, [1, 2], [7, 8, 9])).toThrow(
    "nothing has the 4 entries of nInputs: a has 2, b has 3",
  );
});

test("the same call is made so many times if there are no lists, or only lists of one", () => {
  expect(counted(3, 5, "x")).toEqual([
    [5, "x"],
    [5, "x"],
    [5, "x"],
  ]);
  expect(counted(2, [7])).toEqual([[[7]], [[7]]]);
  expect(callsOf(new ParallelMap(pair, [7]))).toEqual([[7]]);
});

test("a list that is each() has that length too, or is named", () => {
  expect(counted(2, each([1, 2]), [7])).toEqual([
    [1, [7]],
    [2, [7]],
  ]);
  expect(() => counted(3, [1, 2, 3], each([1, 2]))).toThrow("b has 2");
});

test("an array of one entry is a list of one here, and no broadcast value", () => {
  expect(() => new ParallelMap(pair, [1, 2], Float64Array.of(7))).toThrow(/a has 2, b has 1/);
  expect(counted(2, [1, 2], Float64Array.of(7))).toEqual([
    [1, Float64Array.of(7)],
    [2, Float64Array.of(7)],
  ]);
});

test("arrays of several dimensions are never spread", () => {
  const column = { data: Float64Array.of(1, 2, 3), shape: [3, 1] };
  expect(callsOf(new ParallelMap(pair, [1, 2], column))).toEqual([
    [1, column],
    [2, column],
  ]);
  const rows = [
    [1, 2],
    [3, 4],
  ];
  expect(callsOf(new ParallelMap(pair, rows))).toEqual([[[1, 2]], [[3, 4]]]);
});

test("range is a list like any other", () => {
  expect(callsOf(new ParallelMap(pair, range(2), 1))).toEqual([
    [0, 1],
    [1, 1],
  ]);
});

test("combinations are made when grid() is asked for them, and never by themselves", () => {
  expect(() => new ParallelMap(pair, [1, 2], [3, 4, 5])).toThrow(/different length/);
  const combine = ({ x, y }: { x: number; y: number }) => x * y;
  expect(new ParallelMap(combine, grid({ x: [1, 2], y: [3, 4, 5] })).nInputs).toBe(6);
});

test("an optional list is whole where it is shared, and spread where it is not", () => {
  const filter = (x: number, band = [8, 12]) => x * band.length;
  expect(callsOf(new ParallelMap(filter, [1, 2], shared([10, 20])))).toEqual([
    [1, [10, 20]],
    [2, [10, 20]],
  ]);
  expect(callsOf(new ParallelMap(pair, [1, 2], [10, 20]))).toEqual([
    [1, 10],
    [2, 20],
  ]);
});

test("names of options are free for the arguments of functions", () => {
  const f = (x: number, options: { nWorkers: number; outputDir: string }) => [x, options];
  const options = { nWorkers: 3, outputDir: "mine" };
  expect(callsOf(new ParallelMap(f, [1], options))).toEqual([[1, options]]);
});

test.each<[string, ComputeMapOptions, string[]]>([
  ["a folder without files", { output: "memory", outputDir: "x" }, ["outputDir"]],
  ["a shape of msgpack", { output: "serialized", resultShape: [null] }, ["resultShape"]],
  [
    "a shape of nothing",
    { output: "none", resultShape: [null], resultDtype: "float32" },
    ["resultShape", "resultDtype"],
  ],
  ["attributes without HDF5", { output: "memory", attributes: { by: "me" } }, ["attributes"]],
])("what does nothing is a warning and no error: %s", (_, options, names) => {
  const told = names.map((name) => `${name} does nothing with output "${options.output}"`);
  expect(storageRules(options).notes).toEqual(told);
});

test.each<[keyof ComputeMapOptions, unknown, string]>([
  ["stopClient", "yes", '"auto", true or false'],
  ["setupTimeout", -1, "seconds from 0 on"],
  ["setupTimeout", "60s", "seconds from 0 on"],
  ["seed", 1.5, "below 2^32"],
  ["verbose", 1, "true or false"],
  ["logfile", 3, "a path, true or false"],
  ["outputDir", 3, "a path"],
  ["interactive", "no", "true or false"],
])("an option that would mean something else is refused: %s %j", (name, value, wanted) => {
  const options = { [name]: value } as ComputeMapOptions;
  expect(() => storageRules(options)).toThrow(`the option ${name} is`);
  expect(() => storageRules(options)).toThrow(wanted);
});

test("a shape may have dimensions of 0, and is a list", () => {
  expect(resultLayout([0, null], "float64")).toMatchObject({ slot: [0], stackAt: 1 });
  const wrong = "28,28" as unknown as number[];
  expect(() => resultLayout(wrong, "float64")).toThrow("resultShape is not a list");
});

test("an unlimited dimension works without files too", () => {
  const { layout, notes } = storageRules({ output: "memory", resultShape: [null, Infinity] });
  expect([layout?.slot, notes]).toEqual([[Infinity], []]);
});

test("arguments are checked when the map is made, and options before anything is started", () => {
  expect(() => countedInputs(2, pair, [[1, 2, 3]])).toThrow();
  expect(() => new ParallelMap(pair, [1]).run({ output: "paper" as "memory" })).toThrow("paper");
});
