// ACME's rules for what a returned value becomes in a file.
import { expect, test } from "vitest";
import { tuple } from "./outputs.js";
import { type ResultShape, resultLayout } from "./result-layout.js";
import { resultArrays } from "./result-values.js";

const free = { index: 7, layout: null, dtype: null };
const shapes = (value: unknown) => resultArrays(value, free)?.map(({ shape }) => shape);
const types = (value: unknown) => resultArrays(value, free)?.map(({ dtype }) => dtype);
const stacked = (shape: ResultShape, value: unknown, dtype = "float64") =>
  resultArrays(value, { index: 7, layout: resultLayout(shape, dtype), dtype });

test.each<[string, unknown, number[][]]>([
  ["a number", 18, [[1]]],
  ["a text", "abc", [[1]]],
  ["a boolean", true, [[1]]],
  ["numbers", [1, 2, 3], [[3]]],
  ["texts", ["a", "bc"], [[2]]],
  ["nothing in a list", [], [[0]]],
  ["a typed array", new Float32Array(4), [[4]]],
  ["a matrix", { data: new Float64Array(6), shape: [2, 3] }, [[2, 3]]],
  ["a list of rows", [[1, 2], [3]], [[2], [1]]],
  ["a tuple of numbers", tuple(1, 2), [[], []]],
  ["a tuple of one matrix as a nested list", tuple([[1, 2, 3]]), [[1, 3]]],
  ["several outputs", [new Float64Array(3), 5, "x"], [[3], [], []]],
  [
    "a nested list among them",
    [
      [
        [1, 2],
        [3, 4],
      ],
      5,
    ],
    [[2, 2], []],
  ],
])("%s", (_, value, expected) => {
  expect(shapes(value)).toEqual(expected);
});

test("types stay as they are", () => {
  expect(types(3)).toEqual(["float64"]);
  expect(types(3n)).toEqual(["int64"]);
  expect(types(true)).toEqual(["bool"]);
  expect(types("x")).toEqual(["str"]);
  expect(types([new Int16Array(1), new Float32Array(1)])).toEqual(["int16", "float32"]);
});

test.each<[string, unknown]>([
  ["null", null],
  ["undefined", undefined],
  ["an object", { b: 2 }],
  ["a map", new Map()],
  ["null among outputs", [new Float64Array(2), null]],
  ["a ragged matrix among outputs", [[[1, 2], [3]], 5]],
])("%s is nothing for HDF5", (_, value) => {
  expect(resultArrays(value, free)).toBeUndefined();
  expect(stacked([null], value)).toBeUndefined();
});

test("a list of mixed values is nothing for HDF5", () => {
  expect(resultArrays([1, "a"], free)).toBeUndefined();
});

test("under resultShape plain values are scalars, and a list is a list of outputs", () => {
  expect(stacked([null], 5)?.map(({ shape }) => shape)).toEqual([[]]);
  expect(stacked([null], [5, 6])?.map(({ shape }) => shape)).toEqual([[], []]);
  const pair = [new Float64Array(3), "note"];
  expect(stacked([null, 3], pair)?.map(({ shape }) => shape)).toEqual([[3], []]);
  const rows = [
    [1, 2],
    [3, 4],
  ];
  expect(stacked([null, 2], rows)?.map(({ shape }) => shape)).toEqual([[2], [2]]);
});

test("a list that only fits the slot as a whole fills it", () => {
  expect(stacked([null, 3], [1, 2, 3])?.map(({ shape }) => shape)).toEqual([[3]]);
  const rows = [
    [1, 2],
    [3, 4],
  ];
  expect(stacked([2, null, 2], rows)?.map(({ shape }) => shape)).toEqual([[2, 2]]);
});

test("a wrong shape is told with call, expectation and fact", () => {
  expect(() => stacked([null, 7], new Float64Array(5))).toThrow(
    /result of call 7 has shape \[5\], but resultShape asks for \[7\]/,
  );
  expect(() => stacked([null], new Float64Array(5))).toThrow("[] (a single value)");
  expect(() => stacked([null, 3], [])).toThrow(/call 7/);
});

test("the first output is converted, others stay", () => {
  const made = stacked([null, 2], [Float64Array.of(1, 2), Int8Array.of(1)], "int32");
  expect(made?.map(({ dtype }) => dtype)).toEqual(["int32", "int8"]);
  expect(() => stacked([null, 1], Float64Array.of(1.5), "int32")).toThrow(/call 7.*1\.5/);
  expect(() => stacked([null], "text")).toThrow(/call 7/);
});

test("an array that contradicts itself is an error, not kept as something else", () => {
  const wrong = { data: new Float64Array(3), shape: [2, 2] };
  expect(() => resultArrays(wrong, free)).toThrow(/call 7 cannot be stored.*\[2,2\]/s);
});

test("a number that resultDtype cannot hold is told in terms of maps", () => {
  const rules = { index: 3, layout: null, dtype: "int16" };
  expect(() => resultArrays([1, 2.5], rules)).toThrow(
    /call 3 .* element 1 \(2.5\) does not survive from float64 to int16; give another resultDtype/,
  );
});
