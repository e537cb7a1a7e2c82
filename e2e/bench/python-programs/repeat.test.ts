// Medians part by part, and no figures for programs that are not sure of their results.
import { expect, it } from "vitest";
import { medianOf, repeated } from "./repeat.js";
import type { Found } from "./run.js";

const run = (seconds: number, value: unknown): Found => ({
  values: { part: value },
  seconds: { part: seconds },
  schedulerCpuSeconds: 1,
  workerCpuSeconds: 2,
  foreignShare: 0,
});

it("takes the median of each part", () => {
  const found = medianOf([run(3, "x"), run(1, "x"), run(2, "x")]);
  expect(found).toEqual(run(2, "x"));
});

it("refuses results that change", () => {
  expect(() => medianOf([run(1, "x"), run(1, "y")])).toThrow("different results");
});

it("lets the schedulers take turns", async () => {
  const order: string[] = [];
  const both = await repeated(2, async (scheduler) => {
    order.push(scheduler);
    return run(order.length, "x");
  });
  expect(order).toEqual(["dask", "acme", "acme", "dask"]);
  expect(both.dask.seconds).toEqual({ part: 2.5 });
});
