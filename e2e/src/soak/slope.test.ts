// The slope of lines is known; noise around one must not hide it.
import { expect, it } from "vitest";
import { slopePerMinute } from "./slope.js";

it("finds how fast a series grows", () => {
  const minutes = Array.from({ length: 60 }, (_, i) => i);
  expect(slopePerMinute(minutes.map((i) => [i * 60_000, 5 + 2 * i]))).toBeCloseTo(2);
  const noisy = minutes.map((i) => [i * 60_000, 3 * i + (i % 2 ? 4 : -4)] as const);
  expect(slopePerMinute(noisy)).toBeCloseTo(3, 1);
  expect(slopePerMinute([[1, 7]])).toBe(0);
  expect(slopePerMinute([])).toBe(0);
});
