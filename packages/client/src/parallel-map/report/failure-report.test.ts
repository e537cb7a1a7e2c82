// What the user reads when calls failed.
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { LostDataError } from "../../errors.js";
import type { MapFailure } from "../map-errors.js";
import { range } from "../markers.js";
import { mapError } from "./failure-report.js";

const nowhere = { attempts: 1, worker: "", host: "", jobId: "", logTail: "" };

function failing(indexes: readonly number[], facts: Partial<MapFailure> = {}) {
  const failures = indexes.map((index) => {
    const error = new RangeError(`no inverse of ${index}`);
    const args = [index, { big: new Array(1_000).fill("long text") }];
    return { ...nowhere, index, args, error, ...facts };
  });
  return mapError({
    name: "invert",
    count: 20,
    done: 20 - indexes.length,
    failures,
    failedIndexes: indexes,
    resultsContainer: "/data/out/invert.h5",
    howToGoOn: "",
  });
}

function failingWith(error: Error): string {
  const failures = [{ ...nowhere, index: 0, args: [1, 2], error }];
  const run = { name: "invert", count: 1, done: 0, failures, failedIndexes: [0] };
  return mapError({ ...run, resultsContainer: undefined, howToGoOn: "" }).message;
}

test("counts, arguments, and the function's own error with its stack", () => {
  const error = failing([3]);
  expect(error.code).toBe("MAP_FAILED");
  expect(error.message).toMatch(
    /^1 of 20 calls of invert failed \(the other 19 are done; container/,
  );
  expect(error.message).toContain("call 3, invert(3, { big: [");
  expect(error.message).toMatch(/RangeError: no inverse of 3\n {6,}at /);
  expect(error.failures[0]?.args[0]).toBe(3);
  expect(error.cause).toBeInstanceOf(RangeError);
});

test("tells the first few of many, shortly", () => {
  const error = failing(range(20));
  expect(error.message).toMatch(/^20 of 20 calls of invert failed\n/);
  expect(error.message.match(/^call \d+,/gm)).toHaveLength(5);
  expect(error.message).toContain("… and 15 more: see failures and failedIndexes");
  expect(error.failedIndexes).toHaveLength(20);
  const longest = Math.max(...error.message.split("\n").map((line) => line.length));
  expect(longest).toBeLessThan(400);
});

test("is short when nobody catches it", () => {
  const error = failing(range(20));
  expect(error.failures).toHaveLength(20);
  const printed = inspect(error);
  expect(printed).toContain("20 of 20 calls of invert failed");
  expect(printed.match(/no inverse of 7/g)).toBeNull();
});

test("an error that is not the function's own has no stack to tell", () => {
  const message = failingWith(new LostDataError("invert-0", "all its holders left"));
  expect(message).toMatch(/LostDataError: the value of invert-0 .* retry\(\)$/);
});

test("the stack ends where the function was called", () => {
  const error = new Error("boom");
  error.stack = [
    "Error: boom",
    "    at invert (file:///home/ada/tasks.js:3:9)",
    "    at callOnce (file:///x/client/dist/bundle/part-CCEHOZLC.js:19:25)",
    "    at runEach (file:///x/client/dist/bundle/part-CCEHOZLC.js:12:20)",
  ].join("\n");
  const message = failingWith(error);
  expect(message).toMatch(/call 0, invert\(1, 2\):\n {2}Error: boom\n {6}at invert \(.*:3:9\)$/);
});

test("where it ran, how often, and what it wrote last", () => {
  const facts = { attempts: 3, worker: "tls://10.0.0.7:4001", host: "n7", jobId: "815_2" };
  const { message } = failing([3], { ...facts, logTail: "step 1\nstep 2" });
  expect(message).toContain(" 3 attempts, on n7, worker tls://10.0.0.7:4001, job 815_2:\n");
  expect(message).toMatch(/\n {2}it wrote last:\n {4}step 1\n {4}step 2/);
});
