// Goal: two wire keys have one canonical form exactly if Python holds them equal.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAcmeError } from "./errors.js";
import { ownKey, type TaskKey, taskKey, type WireKey, wireKey } from "./key.js";
import { keyDepthMax } from "./limits.js";
import { decodeMessage, encodeMessage } from "./wire-codec.js";

const { key } = fc.letrec<{ key: WireKey }>((tie) => ({
  key: fc.oneof(
    { depthSize: "small" },
    fc.string(),
    fc.string().map((text) => `\0${text}`),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.boolean(),
    fc.uint8Array(),
    fc.array(tie("key"), { maxLength: 4 }),
  ),
}));

// Python's ==, written out: type groups apart, numbers by value.
function equalInPython(a: WireKey, b: WireKey): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => equalInPython(item, b[i]!));
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (typeof a === "string" || typeof b === "string") return a === b;
  const isNumber = (x: WireKey) => ["number", "bigint", "boolean"].includes(typeof x);
  // biome-ignore lint/suspicious/noDoubleEquals: compares a bigint with a number by exact value
  return isNumber(a) && isNumber(b) && a == b;
}

test("a plain string is its own form", () => {
  expect(taskKey("inc-1")).toBe("inc-1");
  expect(taskKey("")).toBe("");
});

test("forms are equal exactly if the keys are equal in Python", () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(taskKey(a) === taskKey(b)).toBe(equalInPython(a, b));
      expect(taskKey(a) === taskKey(structuredClone(a))).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("the wire key comes back equal", () => {
  fc.assert(
    fc.property(key, (wire) => {
      const back = wireKey(taskKey(wire));
      expect(equalInPython(back, wire)).toBe(true);
      expect(taskKey(back)).toBe(taskKey(wire));
    }),
    { numRuns: 1000 },
  );
});

describe("Python's equality between kinds of numbers", () => {
  test.each<[WireKey, WireKey, boolean]>([
    [1, true, true],
    [0, false, true],
    [1, 1n, true],
    [-0, 0, true],
    [2 ** 60, 2n ** 60n, true],
    [2 ** 53, 2n ** 53n + 1n, false],
    [1, "1", false],
    ["1", Uint8Array.of(49), false],
    [["x", 0], ["x", [0]], false],
    [["ab"], ["a", "b"], false],
    [["s1:a"], ["a"], false],
    ["\0n1;", 1, false],
  ])("%s and %s", (a, b, equal) => {
    expect(taskKey(a) === taskKey(b)).toBe(equal);
  });
});

test.each([[null], [undefined], [{}], [new Map()], [["x", null]], [() => 1]])(
  "%s is no key",
  (value) => {
    expect(() => taskKey(value)).toThrow(expect.objectContaining({ code: "WIRE_FORMAT" }));
  },
);

test("tuples nested beyond the limit are refused", () => {
  let nested: WireKey = [];
  for (let i = 1; i < keyDepthMax; i++) nested = [nested];
  expect(wireKey(taskKey(nested))).toEqual(nested);
  expect(() => taskKey([nested])).toThrow("keyDepthMax");
});

test("a string that is no canonical form is a program error", () => {
  for (const text of ["\0", "\0q", "\0n1", "\0s9:a", "\0s1:ab", "\0n1;n2;"]) {
    expect(() => wireKey(text as TaskKey)).toThrow(
      expect.objectContaining({ name: "ProgramError" }),
    );
  }
  expect(isAcmeError(new Error("x"))).toBe(false);
});

describe("ownKey", () => {
  test("is the key", () => {
    fc.assert(
      fc.property(key, (wire) => {
        expect(ownKey(taskKey(wire))).toBe(taskKey(wire));
      }),
    );
    expect(ownKey(taskKey(""))).toBe("");
  });

  test("keeps nothing else of the message that the key came in", () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const kept: TaskKey[] = [];
    const read = (i: number) => {
      const texts = Array.from({ length: 100 }, (_, j) => `key-0123456789abcdef-${i}-${j}`);
      const message = decodeMessage(encodeMessage({ texts })) as Map<string, string[]>;
      return taskKey(message.get("texts")?.[50]);
    };
    for (let i = 0; i < 100; i++) kept.push(ownKey(read(i)));
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 5_000; i++) kept.push(ownKey(read(i)));
    collect();
    // 5,000 keys are half a megabyte; all the text that came with them would be 13.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(3 * 2 ** 20);
    expect(kept).toHaveLength(5_100);
  });
});
