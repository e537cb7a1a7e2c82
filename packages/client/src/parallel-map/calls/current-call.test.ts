// What a call is told about itself, and where what it writes goes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../fixtures/temporary-folder.js";
import { mapLimits } from "../map-limits.js";
import { getTaskContext } from "../task-context.js";
import { type ContextRules, CurrentCall, seedOf } from "./current-call.js";
import { runEach } from "./run-each.js";

const rules: ContextRules = { name: "f", seed: 7, outputDir: "/out", logs: null, isShown: false };
const callOf = (index: number, more: Partial<ContextRules> = {}) =>
  new CurrentCall({ ...rules, ...more }, { index, attempt: 1, timeLimitMs: undefined });

test("every call has a seed of its own, the same each time", () => {
  const seeds = Array.from({ length: 100_000 }, (_, i) => seedOf(7, i));
  expect(new Set(seeds).size).toBe(seeds.length);
  expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
  expect(seedOf(7, 3)).toBe(seeds[3]);
  expect(seedOf(8, 3)).not.toBe(seeds[3]);
  // Neighbours have nothing in common: half of all bits differ.
  let bits = 0;
  for (let i = 1; i < 1_000; i++) {
    for (let rest = (seeds[i]! ^ seeds[i - 1]!) >>> 0; rest > 0; rest >>>= 1) bits += rest & 1;
  }
  expect(bits / 999).toBeGreaterThan(15);
  expect(bits / 999).toBeLessThan(17);
});

test("calls that overlap are told of themselves, also after they have waited", async () => {
  const told = async () => {
    const before = getTaskContext().taskId;
    await new Promise((done) => setTimeout(done, 20 - before));
    const { taskId, seed, outputDir, attempt } = getTaskContext();
    return [before, taskId, seed, outputDir, attempt];
  };
  const all = await Promise.all([3, 4, 5].map((index) => callOf(index).run(told)));
  expect(all).toEqual([3, 4, 5].map((i) => [i, i, seedOf(7, i), "/out", 1]));
});

test("outside of a map a function is told what a first call would be", () => {
  expect(getTaskContext()).toMatchObject({ taskId: 0, seed: 0, attempt: 1, outputDir: undefined });
  expect(getTaskContext().signal.aborted).toBe(false);
});

test("the signal aborts when the time of the call is over", async () => {
  const call = new CurrentCall(rules, { index: 0, attempt: 1, timeLimitMs: 20 });
  const { signal } = call.run(getTaskContext);
  await new Promise((done) => signal.addEventListener("abort", done));
  expect(signal.aborted).toBe(true);
});

test("a call's log is a file of its own, bounded, with its end for the report", async () => {
  const logs = join(temporaryFolder(), "logs");
  const call = callOf(2, { logs, isShown: true });
  call.run(() => {
    getTaskContext().log("%s of %d", "line", 1, { a: [1] });
    getTaskContext().log("x".repeat(mapLimits.logBytes));
    getTaskContext().log("the end");
  });
  call.close();
  expect(readdirSync(logs)).toEqual(["f_2.log"]);
  const text = readFileSync(join(logs, "f_2.log"), "utf8");
  expect(text).toMatch(/^line of 1 \{ a: \[ 1 \] \}\n/);
  expect(text).toMatch(/more than \d+ bytes are not kept\n$/);
  expect(text.length).toBeLessThan(mapLimits.logBytes);
  expect(call.logTail).toMatch(/x\nthe end\n$/);
  expect(call.logTail.length).toBe(mapLimits.logTailChars);
  expect(call.shownLog.length).toBe(mapLimits.logShownChars);
});

test("a failed call tells what it wrote last, the others what they wrote", async () => {
  const calls = { ownCount: 1, arguments: [{ from: "own", at: 0 } as const] };
  const fn = (x: number) => {
    getTaskContext().log(`began ${x}`);
    if (x === 6) throw new Error("six");
    return x;
  };
  const job = { fn: fn as never, calls, context: { ...rules, isShown: true } };
  const sent = { attempt: 2, rows: [[0, 5] as const, [1, 6] as const] };
  const report = await runEach(job, sent, []);
  expect(report.failures).toMatchObject([{ at: 1, logTail: "began 6\n" }]);
  expect(report.logs).toEqual([
    { at: 0, text: "began 5\n" },
    { at: 1, text: "began 6\n" },
  ]);
});
