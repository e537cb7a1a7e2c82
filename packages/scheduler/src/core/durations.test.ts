// Times that workers report are believed within bounds, so that sums of them stay numbers.
import { expect, test } from "vitest";
import { believedUs } from "./durations.js";
import { coreLimits } from "./limits.js";

test.each([
  [0.25, 250_000],
  [-3, 0],
  [Number.NaN, 0],
  [1e300, coreLimits.longestDurationMs * 1000],
  [1e308, coreLimits.longestDurationMs * 1000],
])("%d seconds are %d microseconds", (seconds, microseconds) => {
  expect(believedUs(seconds)).toBe(microseconds);
});
