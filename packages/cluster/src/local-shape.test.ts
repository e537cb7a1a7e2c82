// How cores and memory are shared out among the workers of a local cluster.
import { expect, it } from "vitest";
import { memoryLimitBytes, shapeOf } from "./local-shape.js";

const GiB = 2 ** 30;
const two = { nWorkers: 2, threadsPerWorker: 1 };

it("uses all cores, however they are shared out", () => {
  expect(shapeOf({}, 8)).toEqual({ nWorkers: 8, threadsPerWorker: 1 });
  expect(shapeOf({ nWorkers: 2 }, 8)).toEqual({ nWorkers: 2, threadsPerWorker: 4 });
  expect(shapeOf({ threadsPerWorker: 4 }, 8)).toEqual({ nWorkers: 2, threadsPerWorker: 4 });
  expect(shapeOf({ nWorkers: 16 }, 8)).toEqual({ nWorkers: 16, threadsPerWorker: 1 });
  expect(shapeOf({ nWorkers: 0 }, 8)).toEqual({ nWorkers: 0, threadsPerWorker: 8 });
});

it.each([{ nWorkers: -1 }, { nWorkers: 1.5 }, { threadsPerWorker: 0 }, { nWorkers: Number.NaN }])(
  "refuses %j by name",
  (options) => {
    const [name] = Object.keys(options) as [string];
    expect(() => shapeOf(options, 8)).toThrow(new RegExp(`^${name} must be a whole number`));
  },
);

it("shares memory out, or takes what is given within what there is", () => {
  expect(memoryLimitBytes(undefined, two, 8 * GiB)).toBe(4 * GiB);
  expect(memoryLimitBytes("auto", two, 8 * GiB)).toBe(4 * GiB);
  expect(memoryLimitBytes("1 GiB", two, 8 * GiB)).toBe(GiB);
  expect(memoryLimitBytes(0.25, two, 8 * GiB)).toBe(2 * GiB);
  expect(memoryLimitBytes("1 TiB", two, 8 * GiB)).toBe(8 * GiB);
  expect(memoryLimitBytes(0, two, 8 * GiB)).toBeNull();
  expect(() => memoryLimitBytes("much", two, GiB)).toThrow(/^memoryLimit: "much" is not a size/);
});
