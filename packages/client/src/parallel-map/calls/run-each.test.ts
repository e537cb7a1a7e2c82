// The calls of one task where they run: each has its own end, time limits hold, nothing leaks.
import { AcmeError } from "@acme/protocol";
import { decodeError, decodeValue, encodeError } from "@acme/serialize";
import { expect, test } from "vitest";
import { reportIn, told } from "./calls-failed.js";
import type { BatchedStore } from "./held-results.js";
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

test("a task of which calls failed fails itself, and tells the same", async () => {
  const picky = (x: number) => {
    if (x < 5) throw new RangeError(`${x} is too little`);
    return x;
  };
  const small = { withValues: false };
  expect(messages(await told(run(picky, [4, 5]), { withValues: true }))).toHaveLength(1);
  await expect(told(run(picky, [4, 5, 6]), small)).rejects.toThrow("(1 of 3 calls failed)");
  await expect(told(run(picky, [4]), small)).rejects.toThrow(/4 is too little$/);
  const error = await told(run(picky, [3, 4]), { withValues: true }).catch((e: unknown) => e);
  expect(error).toMatchObject({
    code: "CALLS_FAILED",
    message: "RangeError: 3 is too little (2 of 2 calls failed)",
  });
  const arrived = reportIn(decodeError(encodeError(error).frames)) as CallsReport;
  expect(messages(arrived)).toEqual(["0: 3 is too little", "1: 4 is too little"]);
  expect(arrived.durationsMs).toHaveLength(2);
  expect(reportIn(new Error("something else"))).toBeUndefined();
});

/** Keeps what it is given until there are two, and cannot keep 30. */
class TwoByTwo implements BatchedStore {
  readonly flushed: number[][] = [];
  #waiting: number[] = [];

  find(index: number): unknown {
    return index === 13 ? "found" : undefined;
  }

  put(_index: number, value: unknown): undefined {
    this.#waiting.push(value as number);
  }

  get isDue(): boolean {
    return this.#waiting.length === 2;
  }

  async flush(): Promise<PromiseSettledResult<unknown>[]> {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.flushed.push(waiting);
    return Promise.allSettled(
      waiting.map(async (value) => {
        if (value === 30) throw new Error("no room");
        return `safe ${value}`;
      }),
    );
  }
}

function runInto(store: BatchedStore, fn: (x: number) => unknown) {
  const rows = [0, 1, 2, 3, 4].map((x) => [x + 10, x] as const);
  return runEach({ fn: fn as never, calls: layout }, { attempt: 1, rows }, [], store);
}

test("results that are made safe together are told when they are, or how they failed", async () => {
  const store = new TwoByTwo();
  const report = await runInto(store, (x) => {
    if (x === 1) throw new RangeError("one");
    return x === 2 ? 30 : x;
  });
  expect(store.flushed).toEqual([[0, 30], [4]]);
  expect(report.values).toEqual(["safe 0", null, null, "found", "safe 4"]);
  expect(messages(report).sort()).toEqual(["1: one", "2: no room"]);
});

class Elsewhere extends AcmeError {
  readonly code = "RESCHEDULE";
}

test("a task that ends early has its results made safe all the same", async () => {
  const store = new TwoByTwo();
  const running = runInto(store, (x) => {
    if (x === 1) throw new Elsewhere("elsewhere");
    return x;
  });
  await expect(running).rejects.toThrow("elsewhere");
  expect(store.flushed).toEqual([[0]]);
});
