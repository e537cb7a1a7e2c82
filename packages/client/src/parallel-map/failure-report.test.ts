// What the user reads when calls failed.
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { LostDataError } from "../errors.js";
import { mapError } from "./failure-report.js";
import { zipInputs } from "./inputs.js";
import { range } from "./markers.js";

const invert = (x: number, table: number[]): number => table.length / x;

function failing(indexes: readonly number[]) {
  const inputs = zipInputs(invert, [range(20), { big: new Array(1_000).fill("long text") }]);
  const errors = new Map(indexes.map((i) => [i, new RangeError(`no inverse of ${i}`)]));
  const resultsContainer = "/data/out/invert.h5";
  return mapError({ name: "invert", inputs, errors, failedIndexes: indexes, resultsContainer });
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
  expect(error.message).toContain("… and 15 more");
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
  const inputs = zipInputs(invert, [[1], 2]);
  const failed = { name: "invert", inputs, failedIndexes: [0], resultsContainer: undefined };
  const errors = new Map([[0, new LostDataError("invert-0", "all its holders left")]]);
  const { message } = mapError({ ...failed, errors });
  expect(message).toMatch(/LostDataError: the value of invert-0 .* retry\(\)$/);
});

test("the stack ends where the function was called", () => {
  const error = new Error("boom");
  error.stack = [
    "Error: boom",
    "    at invert (file:///home/ada/tasks.js:3:9)",
    "    at writeResult (file:///x/client/dist/bundle/part-CCEHOZLC.js:19:25)",
    "    at #call (file:///x/worker/dist/bundle/thread-main.js:124:32)",
  ].join("\n");
  const inputs = zipInputs(invert, [[1], 2]);
  const failed = { name: "invert", inputs, failedIndexes: [0], resultsContainer: undefined };
  const { message } = mapError({ ...failed, errors: new Map([[0, error]]) });
  expect(message).toMatch(/call 0, invert\(1, 2\):\n {2}Error: boom\n {6}at invert \(.*:3:9\)$/);
});
