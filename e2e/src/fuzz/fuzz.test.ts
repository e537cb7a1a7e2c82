// A minute of hostile input for every commit: the same seeds each time, and one that nobody has
// tried before, which is printed. The long run is `node e2e/dist/soak/main.js fuzz`.
import { expect, it } from "vitest";
import { fuzzPacked } from "./packed.js";
import { fuzzProcesses } from "./run.js";
import { fuzzSchedulerCore } from "./scheduler-core.js";
import { fuzzWorkerCore } from "./worker-core.js";

const freshSeed = Math.floor(Math.random() * 2 ** 31);
const seeds = [1, 2, 3, 4, 5, freshSeed];
/** Ops that a run has not sent; none may be in all of them. */
const missed: (readonly string[])[] = [];

it.each(seeds)("the scheduler's core keeps in order, seed %i", (seed) => {
  const { accepted, refused, counts } = fuzzSchedulerCore(seed, 1_500);
  expect(accepted).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(100);
  missed.push(counts.missing(["scheduler rpc", "client stream", "worker stream"]));
});

it("sends every op to the scheduler's core", () => {
  expect(missed.length).toBe(seeds.length);
  expect(inAll(missed.splice(0))).toEqual([]);
});

it.each(seeds)("the worker's core keeps in order, seed %i", (seed) => {
  const { accepted, refused, counts } = fuzzWorkerCore(seed, 600);
  expect(accepted).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(50);
  missed.push(counts.missing(["worker rpc", "scheduler stream"]));
});

it("sends every op to the worker's core", () => {
  expect(inAll(missed)).toEqual([]);
});

const inAll = (lists: readonly (readonly string[])[]): string[] =>
  (lists[0] ?? []).filter((one) => lists.every((list) => list.includes(one)));

it.each([1, freshSeed])("decoders refuse what is spoilt, seed %i", async (seed) => {
  const report = await fuzzPacked({ seed, inputs: 5_000 });
  expect(report.alarms).toEqual([]);
  expect(report.unclear).toEqual({});
  expect(report.opened).toBeGreaterThan(1_000);
  expect(report.refused).toBeGreaterThan(1_000);
});

const known = { seed: 7, calmMs: 1_500 };

it.each([
  { ...known, mode: "beside", inputs: 6_000, validate: false },
  { ...known, mode: "harsh", inputs: 3_000, validate: true, seed: freshSeed },
] as const)("real processes hold against $inputs inputs, $mode, seed $seed", async (options) => {
  const report = await fuzzProcesses(options);
  expect(report.alarms).toEqual([]);
  expect(report.wrong).toEqual([]);
  expect(report.exitCodes).toEqual({ scheduler: 0, worker: 0 });
  expect(report.spoilt).toBeGreaterThan(report.inputs / 2);
  expect(report.missingOps.filter((op) => options.mode === "harsh" || !isHarmful(op))).toEqual([]);
});

/** Not sent beside a good client. */
const isHarmful = (name: string): boolean => /restart|nanny rpc|worker rpc: terminate/.test(name);
