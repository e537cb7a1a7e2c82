// Outcomes as they come: loops that are left, inputs that are read as they are needed, ends by
// signal, and what the report says meanwhile.
import { each, MapError, ParallelMap, range } from "@acme/client";
import { expect, test } from "vitest";
import { mapSite } from "./fixtures/map-site.js";

const site = mapSite();

const inMemory = () => ({ ...site.here(), output: "memory" as const });

const wait = async (ms: number): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ms;
};

/** Tasks that the scheduler still knows of. */
async function tasksLeft(): Promise<number> {
  const processing = await site.client.processing();
  return [...processing.values()].reduce((sum, keys) => sum + keys.length, 0);
}

test("outcomes come as calls end, not in input order", async () => {
  const run = new ParallelMap(wait, [800, 1, 2]).run(inMemory());
  expect(run.report).toMatchObject({ status: "waiting", done: 0, total: 3 });
  const indexes: number[] = [];
  for await (const call of run) {
    if (call.status === "done") expect(call.value).toBe([800, 1, 2][call.index]);
    indexes.push(call.index);
  }
  expect(indexes.at(-1)).toBe(0);
  expect(indexes.sort()).toEqual([0, 1, 2]);
  expect(run.report).toMatchObject({ status: "complete", done: 3, failed: 0 });
  expect(await run.next()).toEqual({ done: true, value: undefined });
});

test("a loop that is left cancels the rest", async () => {
  const run = new ParallelMap(wait, [1, 60_000, 60_000, 60_000]).run(inMemory());
  for await (const call of run) {
    expect(call.index).toBe(0);
    break;
  }
  expect(run.report).toMatchObject({ status: "cancelled", done: 1 });
  await expect.poll(tasksLeft).toBe(0);
  expect(await new ParallelMap(wait, [1, 2]).compute(inMemory())).toEqual([1, 2]);
});

test("inputs are read no further ahead than maxInFlight, and closed at the end", async () => {
  let read = 0;
  let taken = 0;
  let isClosed = false;
  let furthest = 0;
  async function* inputs() {
    try {
      for (;;) {
        read += 1;
        furthest = Math.max(furthest, read - taken);
        yield read;
      }
    } finally {
      isClosed = true;
    }
  }
  const run = new ParallelMap((x: number) => -x, each(inputs)).run({
    ...inMemory(),
    maxInFlight: 20,
  });
  for await (const call of run) {
    expect(call).toMatchObject({ status: "done", value: -call.index - 1 });
    taken += 1;
    if (taken % 50 === 0) await wait(5);
    if (taken === 500) break;
  }
  expect(furthest).toBeLessThanOrEqual(21);
  expect(isClosed).toBe(true);
});

test("an error of the inputs ends the map with it", async () => {
  async function* inputs() {
    yield 1;
    throw new Error("the list broke off");
  }
  const run = new ParallelMap((x: number) => x, each(inputs)).compute(inMemory());
  await expect(run).rejects.toThrow("the list broke off");
});

test("failures come as outcomes, and MapError after the last", async () => {
  const picky = (x: number): number => {
    if (x === 2) throw new TypeError("not two");
    return x;
  };
  const run = new ParallelMap(picky, range(4)).run(inMemory());
  const failed: unknown[] = [];
  const loop = async () => {
    for await (const call of run) if (call.status === "failed") failed.push(call);
  };
  await expect(loop()).rejects.toThrow(MapError);
  expect(failed).toMatchObject([
    { index: 2, args: [2], attempts: 1, error: { name: "TypeError" } },
  ]);
  expect(run.report).toMatchObject({ done: 3, failed: 1, failedIndexes: [2], status: "complete" });
});

test("a signal ends it at once, with its reason", async () => {
  const stop = new AbortController();
  const run = new ParallelMap(wait, [1, 60_000]).run({ ...inMemory(), signal: stop.signal });
  const loop = async () => {
    for await (const call of run) {
      expect(call.index).toBe(0);
      stop.abort(new Error("enough"));
    }
  };
  await expect(loop()).rejects.toThrow("enough");
  expect(run.report.status).toBe("cancelled");
  const late = new ParallelMap(wait, [1]).compute({ ...inMemory(), signal: stop.signal });
  await expect(late).rejects.toThrow("enough");
});

test("many small calls share tasks, and each has its own outcome", async () => {
  const before = await finishedTasks();
  const run = new ParallelMap((x: number) => ({ half: x / 2 }), range(20_000)).run(inMemory());
  let sum = 0;
  for await (const call of run) {
    if (call.status === "done") sum += call.value.half === call.index / 2 ? 1 : 0;
  }
  expect(sum).toBe(20_000);
  expect((await finishedTasks()) - before).toBeLessThan(10_000);
});

/** Executions that workers have told of so far. */
async function finishedTasks(): Promise<number> {
  const { workers } = await site.client.schedulerInfo();
  const metrics = Object.values(workers).map(({ metrics }) => metrics as Map<string, unknown>);
  return metrics.reduce((sum, one) => sum + Number(one?.get("executed") ?? 0), 0);
}

test("options that mean nothing are refused at once", () => {
  const pmap = new ParallelMap(wait, [1]);
  expect(() => pmap.run({ maxInFlight: 0 })).toThrow("maxInFlight is 0");
  expect(() => pmap.run({ timeLimitMs: -1 })).toThrow("timeLimitMs is -1");
  expect(() => pmap.run({ retries: { max: 1, backoffFactor: 0 } })).toThrow("retries is a whole");
  expect(() => pmap.run({ onError: "ignore" as "throw" })).toThrow('onError "ignore" is unknown');
});
