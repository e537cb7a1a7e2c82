// What makes a function another one for its results, and what does not.
import { expect, test } from "vitest";
import { codeHash } from "./code-hash.js";
import { packFunction } from "./pack-function.js";

const hashOf = async (fn: (x: number) => unknown) => codeHash((await packFunction(fn)).frames);

test("the place of a function is no part of what it does", async () => {
  const offset = { by: 1 };
  const [here] = [(x: number) => x + offset.by];

  const [there] = [(x: number) => x + offset.by];
  const packed = [await packFunction(here as never), await packFunction(there as never)];
  expect(packed[0]?.hash).not.toBe(packed[1]?.hash);
  expect(await hashOf(here as never)).toBe(await hashOf(there as never));
});

test("its text and what it captures are", async () => {
  const offset = { by: 1 };
  const add = (x: number) => x + offset.by;
  const before = await hashOf(add);
  offset.by = 2;
  const after = await hashOf(add);
  const [subtract] = [(x: number) => x - offset.by];
  expect(new Set([before, after, await hashOf(subtract as never)]).size).toBe(3);
});

test("what is no packed function is refused", () => {
  expect(() => codeHash([])).toThrow("it has no frames");
});
