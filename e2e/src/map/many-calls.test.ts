// Memory for very many calls; the soak "million" does the same with ten times as many.
import { expect, test } from "vitest";
import { mapNoOps } from "./no-ops.js";

const growthMbMax = 50;

test("several times the calls take no more memory, in the client or the scheduler", async () => {
  const few = await mapNoOps(30_000);
  const many = await mapNoOps(100_000);
  console.info(few, many);
  expect([few.right, many.right]).toEqual([30_000, 100_000]);
  expect(many.clientPeakMb - few.clientPeakMb).toBeLessThanOrEqual(growthMbMax);
  expect(many.schedulerPeakMb - few.schedulerPeakMb).toBeLessThanOrEqual(growthMbMax);
  expect(many.progress.at(-1)).toMatch(/100000\/100000 \[\d\d:\d\d<00:00, \d+it\/s\]/);
});
