// Lists made for arguments: ends, steps, single values.
import { expect, test } from "vitest";
import { each, grid, linspace, range } from "./markers.js";

test.each([
  [range(3), [0, 1, 2]],
  [range(2, 5), [2, 3, 4]],
  [range(0, 5, 2), [0, 2, 4]],
  [range(5, 0, -2), [5, 3, 1]],
  [range(3, 1), []],
  [range(0), []],
])("range %#", (made, expected) => {
  expect(made).toEqual(expected);
});

test("a range without end is refused", () => {
  expect(() => range(0, 3, 0)).toThrow("has no end");
  expect(() => range(Infinity)).toThrow("has no end");
});

test("linspace holds both ends exactly", () => {
  expect(linspace(0, 1, 5)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(linspace(0.1, 0.7, 4).at(-1)).toBe(0.7);
  expect(linspace(3, 9, 1)).toEqual([3]);
  expect(linspace(3, 9, 0)).toEqual([]);
  expect(() => linspace(0, 1, 2.5)).toThrow("whole number");
});

test("each() reads an iterable once", () => {
  expect(each(new Map([["a", 1]]).keys()).values).toEqual(["a"]);
});

test("grid() makes every combination, the last field changing fastest", () => {
  expect(grid({ a: [1, 2], b: new Set(["x", "y"]), c: [[0]] }).values).toEqual([
    { a: 1, b: "x", c: [0] },
    { a: 1, b: "y", c: [0] },
    { a: 2, b: "x", c: [0] },
    { a: 2, b: "y", c: [0] },
  ]);
  expect(grid({ a: [1, 2], b: [] }).values).toEqual([]);
});

test("grid() refuses what is no list, and what nobody can hold", () => {
  expect(() => grid({ a: [1], b: 4 as unknown as number[] })).toThrow("the field b");
  expect(() => grid({ a: range(5000), b: range(5000) })).toThrow("25000000 combinations");
});
