// Ratios and bars: which way is better, what is compared with what, and what is missing.
import { describe, expect, it } from "vitest";
import type { Spread } from "./statistics.js";
import { bestOf, format, judge, timesBetter } from "./verdict.js";
import { type Figure, times, value } from "./workload.js";

const at = (median: number): Spread => ({ median, min: median, max: median, count: 1 });
const speed: Figure = { name: "speed", unit: "tasks/s", better: "more" };
const delay: Figure = { name: "delay", unit: "ms", better: "less" };

it("says how many times better, whichever way is better", () => {
  expect(timesBetter(speed, at(30), at(10))).toBe(3);
  expect(timesBetter(delay, at(30), at(10))).toBeCloseTo(1 / 3);
  expect(timesBetter(delay, at(30), undefined)).toBeUndefined();
});

it("takes the better configuration as best", () => {
  const spreads = { acme: at(99), dask: at(10), "dask-inf": at(40) };
  expect(bestOf(speed, spreads)?.median).toBe(40);
  expect(bestOf(delay, spreads)?.median).toBe(10);
  expect(bestOf(delay, { dask: at(10) })?.median).toBe(10);
});

describe("bars", () => {
  const figures = {
    speed: { acme: at(100), dask: at(10), "dask-inf": at(40) },
    delay: { acme: at(2), dask: at(10) },
    paused: { acme: at(9), dask: at(6) },
  };

  it("are passed when all of them are", () => {
    expect(judge(speed, [times(10, "dask")], { figures })?.met).toBe(true);
    expect(judge(speed, [times(10, "dask"), times(2.6, "best")], { figures })).toEqual({
      met: false,
      text: "10x of 10x dask, 2.5x of 2.6x best",
    });
  });

  it("compare with another figure where they say so", () => {
    const bar = { type: "times-figure", factor: 4, figure: "paused" } as const;
    expect(judge(delay, [bar], { figures })).toEqual({
      met: false,
      text: "3x of 4x dask's paused",
    });
  });

  it("hold values in themselves", () => {
    expect(judge(delay, [value(2)], { figures })?.met).toBe(true);
    expect(judge(speed, [value(101)], { figures })?.met).toBe(false);
  });

  it("say nothing when there is nothing to compare with", () => {
    expect(judge(speed, undefined, { figures })).toBeUndefined();
    expect(
      judge(speed, [times(2, "dask")], { figures: { speed: { acme: at(1) } } }),
    ).toBeUndefined();
  });
});

it("keeps three digits that matter", () => {
  expect([0, 0.00123, 0.5, 9.876, 12.34, 1234.5].map(format)).toEqual([
    "0",
    "0.00123",
    "0.5",
    "9.88",
    "12.3",
    "1,235",
  ]);
});
