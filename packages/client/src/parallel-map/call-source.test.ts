// Where the calls of a map come from: lists, generators, async iterables, together or alone.
import { expect, test } from "vitest";
import { zipInputs } from "./inputs.js";
import { each, range } from "./markers.js";
import { ParallelMap } from "./parallel-map.js";

const add = (x: number, y: number): number => x + y;

function* count(): Generator<number> {
  for (let i = 0; ; i++) yield i;
}

async function* three(): AsyncGenerator<number> {
  yield* [1, 2, 3];
}

test("a generator is read no further than calls are wanted", () => {
  let read = 0;
  const counted = function* () {
    for (const i of count()) {
      read += 1;
      yield i;
    }
  };
  const source = zipInputs(add, [each(counted()), 5]).open();
  expect([source.isAsync, read]).toEqual([false, 0]);
  expect(source.take(3)).toEqual([[0], [1], [2]]);
  expect(source.take(2)).toEqual([[3], [4]]);
  expect(read).toBe(5);
});

test("an async iterable tells its end when it comes", async () => {
  const inputs = zipInputs(add, [each(three()), 5]);
  expect(inputs.count).toBe(Number.POSITIVE_INFINITY);
  expect(inputs.description).toContain("x: distributed (as they come)");
  const source = inputs.open();
  const rows = [];
  for (let row = await source.next(); row !== undefined; row = await source.next()) rows.push(row);
  expect(rows).toEqual([[1], [2], [3]]);
});

test("lists say how many calls there are; what has no end gives as many", () => {
  const inputs = zipInputs(add, [range(3), each(count())]);
  expect(inputs.count).toBe(3);
  expect(inputs.open().take(10)).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
});

test("what ends before the others is named", async () => {
  const short = zipInputs(add, [range(9), each(three())]).open();
  for (let i = 0; i < 3; i++) await short.next();
  await expect(short.next()).rejects.toThrow("y ended after 3 calls, but there are to be more");
});

test("a generator is read once, a function that makes one again and again", () => {
  const once = zipInputs(add, [each(count()), 1]);
  once.open();
  expect(() => once.open()).toThrow(/x was read by an earlier run.*each\(\(\) => generate\(\)\)/);
  const again = zipInputs(add, [each(count), 1]);
  expect(again.open().take(1)).toEqual(again.open().take(1));
});

test("what is left is closed, as a loop would", async () => {
  let isClosed = false;
  const closing = function* () {
    try {
      yield* count();
    } finally {
      isClosed = true;
    }
  };
  const source = zipInputs(add, [each(closing), 1]).open();
  source.take(2);
  await source.close();
  expect(isClosed).toBe(true);
});

test("times() without lists gives that many calls without arguments of their own", () => {
  const pmap = ParallelMap.times(2, add, 1, 2);
  expect(pmap.calls).toEqual([
    [1, 2],
    [1, 2],
  ]);
  expect(new ParallelMap(add, each(count()), 1).nInputs).toBe(Number.POSITIVE_INFINITY);
  expect(() => new ParallelMap(add, each(three), 1).calls).toThrow();
});
