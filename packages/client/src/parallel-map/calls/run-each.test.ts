// The calls of one task where they run: each has its own end, time limits hold, nothing leaks.
import { decodeError, decodeValue, encodeError } from "@acme/serialize";
import { expect, test } from "vitest";
import { reportIn, told } from "./calls-failed.js";
import { type CallsReport, runEach } from "./run-each.js";

const layout = { ownCount: 1, arguments: [{ from: "own", at: 0 } as const] };

function run(fn: (x: never) => unknown, xs: readonly unknown[], timeLimitMs?: number) {
  const rows = xs.map((x, i) => [i + 10, x] as const);
  return runEach({ fn: fn as never, calls: layout, timeLimitMs }, { attempt: 1, rows }, []);
}

const messages = ({ failures }: CallsReport) =>
  failures.map(({ at, error }) => `${at}: ${decodeError(error).message}`);

test("each call has its own value, its own failure and its own time", async () => {
  const report = await run(
    async (x: number) => {
      if (x === 2) throw new RangeError("two");
      return x * 10;
    },
    [1, 2, 3],
  );
  expect(report.values).toEqual([10, null, 30]);
  expect(messages(report)).toEqual(["1: two"]);
  expect(decodeError(report.failures[0]!.error)).toBeInstanceOf(RangeError);
  expect(report.durationsMs).toHaveLength(3);
});

test("a value that cannot be sent is the failure of its own call", async () => {
  const values = [{ a: [1] }, new WeakMap(), new Map([["k", 1]]), undefined];
  const report = await run((at: number) => values[at], [0, 1, 2, 3]);
  expect(messages(report)).toEqual([expect.stringMatching(/^1: .*weak collection/)]);
  const encoded = report.encoded.map(({ at, frames }) => [at, decodeValue(frames)]);
  expect(encoded).toEqual([
    [0, values[0]],
    [2, values[2]],
  ]);
  expect(report.values[3]).toBeUndefined();
});

test("generators are collected as for any task", async () => {
  const report = await run(
    function* (x: number) {
      yield x;
      yield x + 1;
    },
    [5],
  );
  expect(report.values).toEqual([[5, 6]]);
});

test("a loop without end is interrupted, a promise without end is left", async () => {
  const stuck = (how: string): unknown => {
    if (how === "loop") for (;;);
    if (how === "promise") return new Promise(() => {});
    if (how === "atomics") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    return how;
  };
  const startMs = performance.now();
  const report = await run(stuck, ["loop", "quick", "promise", "atomics", "last"], 100);
  expect(performance.now() - startMs).toBeLessThan(5_000);
  expect(report.values).toEqual([null, "quick", null, null, "last"]);
  expect(messages(report)).toEqual(
    [0, 2, 3].map((at) => expect.stringContaining(`${at}: the call`)),
  );
  expect(decodeError(report.failures[0]!.error)).toMatchObject({ code: "CALL_TIMEOUT" });
});

test("a task of which all calls failed fails itself, and tells the same", async () => {
  const picky = (x: number) => {
    if (x < 5) throw new RangeError(`${x} is too little`);
    return x;
  };
  expect(messages(await told(run(picky, [4, 5])))).toEqual(["0: 4 is too little"]);
  const error = await told(run(picky, [3, 4])).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "CALLS_FAILED",
    message: "RangeError: 3 is too little (and 1 calls more)",
  });
  const arrived = reportIn(decodeError(encodeError(error).frames)) as CallsReport;
  expect(messages(arrived)).toEqual(["0: 3 is too little", "1: 4 is too little"]);
  expect(arrived.durationsMs).toHaveLength(2);
  expect(reportIn(new Error("something else"))).toBeUndefined();
});
