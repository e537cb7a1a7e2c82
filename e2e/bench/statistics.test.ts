// Medians, spreads and percentiles on numbers whose answers are known.
import { expect, it } from "vitest";
import { quantile, spreadOf } from "./statistics.js";

it("finds the median and its spread, in any order", () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, count: 3 });
  expect(spreadOf([10, 2, 4, 8]).median).toBe(6);
  expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7, count: 1 });
  expect(() => spreadOf([])).toThrow(/no median/);
});

it("leaves its input alone", () => {
  const values = [3, 1, 2];
  spreadOf(values);
  expect(values).toEqual([3, 1, 2]);
});

it("interpolates between ranks as numpy does", () => {
  const sorted = [1, 2, 3, 4, 5];
  expect(quantile(sorted, 0)).toBe(1);
  expect(quantile(sorted, 1)).toBe(5);
  expect(quantile(sorted, 0.95)).toBeCloseTo(4.8);
});
