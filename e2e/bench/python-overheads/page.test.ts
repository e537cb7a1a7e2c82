// The table says what the record does, and how many times better ours is.
import { expect, it } from "vitest";
import type { Measured } from "./figures.js";
import { tableOf } from "./page.js";

const side = { tasks: 1000, clientCpuSeconds: 1, workersCpuSeconds: 1, foreignShare: 0 };
const real: Measured = {
  name: "tiny tasks",
  part: "real",
  dask: { ...side, seconds: 4, schedulerCpuSeconds: 0.5, schedulerBytes: 3_000_000 },
  acme: { ...side, seconds: 2, schedulerCpuSeconds: 0.05, schedulerBytes: 1_000_000 },
};
const zero: Measured = {
  ...real,
  name: "no work",
  part: "zero",
  dask: { ...real.dask, windowSeconds: 10, materialiseCpuSeconds: 0 },
  acme: { ...real.acme, windowSeconds: 1, materialiseCpuSeconds: 0.05 },
};

it("has a row per case, real workers first", () => {
  const [head, line, ...rows] = tableOf([zero, real]).trimEnd().split("\n");
  const cells = (row: string | undefined) => row?.split("|").map((cell) => cell.trim());
  expect(cells(line)?.length).toBe(cells(head)?.length);
  expect(rows.map((row) => cells(row)?.[1])).toEqual(["tiny tasks", "no work"]);
  expect(cells(rows[0])?.slice(2)).toEqual([
    "4 → 2 (**2.0×**)",
    "",
    "",
    "500 → 50 (**10.0×**)",
    "",
    "3,000 → 1,000 (**3.0×**)",
    "",
  ]);
  expect(rows[1]).toContain("100 → 1,000 (**10.0×**)");
  expect(rows[1]).toContain("500 → 100 (**5.0×**)");
});
