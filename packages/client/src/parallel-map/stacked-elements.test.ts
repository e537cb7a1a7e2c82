// Where each result goes in one array over all calls: along any dimension, padded, in pieces.
import { expect, test } from "vitest";
import { resultLayout } from "./result-layout.js";
import { stackValues } from "./stack-values.js";
import { stackedElements } from "./stacked-elements.js";

const matrix = (x: number, rows = 2, columns = 3) => [
  {
    data: Float64Array.from({ length: rows * columns }, (_, i) => 10 * x + i),
    shape: [rows, columns],
    dtype: "float64" as const,
  },
];
const nan = Number.NaN;

test.each([
  [
    [null, 2, 3],
    [10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25],
  ],
  [
    [2, null, 3],
    [10, 11, 12, 20, 21, 22, 13, 14, 15, 23, 24, 25],
  ],
  [
    [2, 3, null],
    [10, 20, 11, 21, 12, 22, 13, 23, 14, 24, 15, 25],
  ],
])("results of 2 x 3 are stacked along the null of %j", async (shape, expected) => {
  const stack = await stackValues(resultLayout(shape, "float64"), [matrix(1), matrix(2)]);
  const sizes = shape.map((size) => size ?? 2);
  expect(stack).toEqual({ data: Float64Array.from(expected), shape: sizes, dtype: "float64" });
});

test("shorter results are padded with NaN, and their lengths are told", async () => {
  const layout = resultLayout([2, Infinity, null], "float64");
  const stack = await stackValues(layout, [matrix(1, 2, 1), matrix(2, 2, 3), undefined]);
  expect(stack.shape).toEqual([2, 3, 3]);
  expect(stack.lengths).toEqual([1, 3, 0]);
  expect([...stack.data]).toEqual([
    ...[10, 20, nan, nan, 21, nan, nan, 22, nan],
    ...[11, 23, nan, nan, 24, nan, nan, 25, nan],
  ]);
});

test("a call without a result is 0 where numbers have no NaN; other outputs are beside", async () => {
  const int = (x: number) => ({ data: Int32Array.of(x), shape: [], dtype: "int32" as const });
  const stack = await stackValues(resultLayout([null], "int32"), [[int(4), int(5)], undefined]);
  expect(stack.data).toEqual(Int32Array.of(4, 0));
  expect(stack.others).toEqual([[int(5)], []]);
});

test("large arrays are put together in pieces, each result read for its part only", async () => {
  const rows = 3000;
  const asked: number[] = [];
  const source = (x: number) => ({
    shape: [rows, 4],
    read: (at: number, length: number) => {
      asked.push(length);
      return new Uint8Array(length).fill(at === 0 ? x : x + 100);
    },
  });
  const sources = Array.from({ length: 2000 }, (_, i) => source(i % 50));
  const stream = stackedElements(resultLayout([rows, null, 4], "float64"), sources);
  let bytes = 0;
  for await (const chunk of stream.blocks()) bytes += chunk.length;
  expect(bytes).toBe(stream.length);
  expect(bytes).toBe(rows * 2000 * 4 * 8);
  expect(Math.max(...asked)).toBeLessThan(rows * 32);
  expect(asked.reduce((sum, length) => sum + length, 0)).toBe(bytes);
});

test("no calls at all are an empty array", async () => {
  const stack = await stackValues(resultLayout([3, null], "float32"), []);
  expect(stack).toEqual({ data: new Float32Array(0), shape: [3, 0], dtype: "float32" });
});
