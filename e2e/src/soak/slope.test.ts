// The growth of lines is known; noise around one must not hide it, nor make it look sure.
import { expect, it } from "vitest";
import { growthPerMinute, lowestPerMinute, type Point } from "./slope.js";

const minutes = Array.from({ length: 60 }, (_, i) => i);

it("finds how fast a series grows", () => {
  const line = growthPerMinute(minutes.map((i) => [i * 60_000, 5 + 2 * i]));
  expect(line.slope).toBeCloseTo(2);
  expect(line.error).toBeCloseTo(0);
  expect(growthPerMinute([[1, 7]])).toEqual({ slope: 0, error: 0 });
  expect(growthPerMinute([])).toEqual({ slope: 0, error: 0 });
});

it("says how sure it is", () => {
  const noisy = (size: number) =>
    growthPerMinute(minutes.map((i) => [i * 60_000, 3 * i + (i % 2 ? size : -size)]));
  expect(noisy(4).slope).toBeCloseTo(3, 1);
  // Standard error of 60 equally spaced points, worked out by hand: 4 / sqrt(58 * 59 * 61 / 12 …).
  expect(noisy(4).error).toBeCloseTo(
    (4 * Math.sqrt(60 / 58)) / Math.sqrt((60 * (60 ** 2 - 1)) / 12),
  );
  expect(noisy(40).error).toBeCloseTo(10 * noisy(4).error);
});

it("takes the lowest of each minute, at the time it was seen", () => {
  const points: Point[] = [
    [1_000, 5],
    [31_000, 3],
    [59_000, 4],
    [61_000, 9],
    [90_000, 8],
  ];
  expect(lowestPerMinute(points)).toEqual([
    [31_000, 3],
    [90_000, 8],
  ]);
  expect(lowestPerMinute([])).toEqual([]);
});
