// A minute of hostile input for every commit: the same seeds each time, and one that nobody has
// tried before, which is printed. The long run is `node e2e/dist/soak/main.js fuzz`.
import { expect, it } from "vitest";
import { fuzzSchedulerCore } from "./scheduler-core.js";

const freshSeed = Math.floor(Math.random() * 2 ** 31);
const seeds = [1, 2, 3, 4, 5, freshSeed];

it.each(seeds)("the scheduler's core keeps in order, seed %i", (seed) => {
  const { accepted, refused, counts } = fuzzSchedulerCore(seed, 1_500);
  expect(accepted).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(100);
  expect(counts.missing(["scheduler rpc", "client stream", "worker stream"])).toEqual([]);
});
