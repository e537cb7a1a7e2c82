// What survives a trip through the value codec, kind by kind, and what it costs.

import fs from "node:fs";
import path from "node:path";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { decodeValue, encodeItems, encodeValue } from "../index.js";

function detached(): Uint8Array {
  const memory = new Uint8Array(8);
  structuredClone(memory, { transfer: [memory.buffer] });
  return memory;
}

async function trip<T>(value: T): Promise<T> {
  const { frames } = await encodeValue(value);
  return (await decodeValue(frames.map((frame) => Uint8Array.from(frame)))) as T;
}

describe("primitives", () => {
  const kept: readonly unknown[] = [
    undefined,
    null,
    true,
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
    2 ** 53,
    -(2 ** 40),
    1.5,
    5e-324,
    "",
    "héllo 𝄞",
    "\u0000",
    "\ud800 alone",
    0n,
    2n ** 70n,
    -(2n ** 200n),
    Symbol.for("x"),
    Symbol.iterator,
  ];
  test.each(kept.map((value) => [value]))("%o", async (value) => {
    expect(await trip(value)).toBe(value);
    expect(await trip([value, { value }])).toStrictEqual([value, { value }]);
  });
});

test("objects keep unusual keys, missing prototypes and holes", async () => {
  const odd = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "10": 2}');
  const back = await trip(odd);
  expect(Object.keys(back)).toEqual(["10", "__proto__", "constructor"]);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  const bare = Object.assign(Object.create(null), { a: 1 });
  expect(Object.getPrototypeOf(await trip(bare))).toBe(null);
  const sparse: unknown[] = new Array(5);
  Object.assign(sparse, { 0: 1, 2: undefined, 4: 5 });
  const holes = await trip(sparse);
  expect(Object.keys(holes)).toEqual(["0", "2", "4"]);
  expect(holes).toHaveLength(5);
  expect(await trip(Object.assign([1, 2], { label: "x" }))).toMatchObject({ label: "x" });
  expect(await trip({ "\ud800": 1, [Symbol.for("k")]: 2 })).toStrictEqual({
    "\ud800": 1,
    [Symbol.for("k")]: 2,
  });
  expect(await trip(["\u0000", 5, 7])).toEqual(["\u0000", 5, 7]);
  expect(await trip([["\u0000", 0, 0], new Date(5)])).toEqual([["\u0000", 0, 0], new Date(5)]);
});

test("large arrays keep named properties too", async () => {
  const large = Object.assign(new Array(5000).fill(1), { label: "x" });
  expect((await trip(large)).label).toBe("x");
  expect(await trip(new Array(5000).fill(2))).toHaveLength(5000);
});

test("objects of more than 65535 keys", async () => {
  const wide = Object.fromEntries(
    Array.from({ length: 70_000 }, (_, index) => [`k${index}`, index]),
  );
  expect(await trip(wide)).toEqual(wide);
});

test("built-in kinds", async () => {
  const pattern = /a+/giu;
  pattern.lastIndex = 3;
  const value = {
    date: new Date(1e12),
    invalid: new Date(NaN),
    pattern,
    map: new Map<unknown, unknown>([
      [{ k: 1 }, new Set([1, "a"])],
      [NaN, null],
    ]),
    url: new URL("https://a.b/c?d#e"),
    query: new URLSearchParams("a=1&a=2"),
    boxed: [Object(1), Object("s"), Object(true), Object(5n)],
  };
  const back = await trip(value);
  expect(back).toStrictEqual(value);
  expect(back.pattern.lastIndex).toBe(3);
  expect(typeof back.boxed[0]).toBe("object");
});

test("cycles and shared references, through every container", async () => {
  const shared = { n: 1 };
  const root: Record<string, unknown> = { shared, again: [shared] };
  root.self = root;
  root.map = new Map<unknown, unknown>([[root, shared]]);
  root.set = new Set([root, shared]);
  const back = (await trip(root)) as typeof root & { again: unknown[] };
  expect(back.self).toBe(back);
  expect(back.again[0]).toBe(back.shared);
  const [[key, value]] = [...(back.map as Map<unknown, unknown>)] as [[unknown, unknown]];
  expect(key).toBe(back);
  expect(value).toBe(back.shared);
  expect([...(back.set as Set<unknown>)][0]).toBe(back);
});

test("depth does not overflow the stack", async () => {
  let list: { next: unknown } | null = null;
  for (let index = 0; index < 50_000; index++) list = { next: list };
  let depth = 0;
  for (let at: unknown = await trip(list); at !== null; at = (at as { next: unknown }).next)
    depth++;
  expect(depth).toBe(50_000);
});

describe("buffers", () => {
  const kinds = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
  ];
  test.each(kinds.map((kind) => [kind.name, kind] as const))("%s", async (_, kind) => {
    for (const length of [0, 3, 5000]) {
      const array = new kind(Array.from({ length }, (_, index) => index * 3 - 1));
      expect(await trip(array)).toStrictEqual(array);
    }
  });

  test("large ones are frames over the user's memory", async () => {
    const data = new Float64Array(1000).fill(1.5);
    const { frames } = await encodeValue({ data, small: new Uint8Array(10) });
    expect(frames).toHaveLength(2);
    expect(frames[1]?.buffer).toBe(data.buffer);
  });

  test("only the bytes of a view travel, overlapping views share them", async () => {
    const memory = new Float64Array(10_000);
    const a = memory.subarray(100, 400);
    const b = memory.subarray(300, 600);
    const apart = memory.subarray(9000, 9200);
    const { frames } = await encodeValue({ a, b, apart });
    expect(frames.slice(1).map((frame) => frame.byteLength)).toEqual([4000, 1600]);
    const back = (await decodeValue(frames)) as { a: Float64Array; b: Float64Array };
    expect(back.a.buffer).toBe(back.b.buffer);
    back.a[200] = 7;
    expect(back.b[0]).toBe(7);
    expect(memory[300]).toBe(0);
  });

  test("byte views at odd places do not misalign others", async () => {
    const memory = new ArrayBuffer(4096);
    const value = {
      bytes: new Uint8Array(memory, 3, 2000),
      doubles: new Float64Array(memory, 8, 300),
    };
    value.doubles[0] = 1.25;
    expect(await trip(value)).toStrictEqual(value);
  });

  test("Buffer, DataView, ArrayBuffer, SharedArrayBuffer, bigint arrays", async () => {
    const shared = new SharedArrayBuffer(16);
    new Uint8Array(shared)[3] = 9;
    const back = await trip({
      buffer: Buffer.from("hello"),
      view: new DataView(new ArrayBuffer(20), 4, 8),
      memory: new Uint8Array([1, 2, 3]).buffer,
      shared: shared as unknown as ArrayBuffer,
      big: new BigInt64Array([1n, -1n]),
    });
    expect(Buffer.isBuffer(back.buffer)).toBe(true);
    expect(back.buffer.toString()).toBe("hello");
    expect(back.view.byteLength).toBe(8);
    expect(new Uint8Array(back.memory)).toEqual(new Uint8Array([1, 2, 3]));
    expect(back.shared).toBeInstanceOf(ArrayBuffer);
    expect(new Uint8Array(back.shared)[3]).toBe(9);
    expect(back.big).toEqual(new BigInt64Array([1n, -1n]));
  });

  test("decoded from shared memory: private by default, aliased on request", async () => {
    const { frames } = await encodeValue({ data: new Float64Array(500).fill(2) });
    const received = frames.map((frame) => {
      const memory = new Uint8Array(new SharedArrayBuffer(frame.byteLength + 8), 8);
      memory.set(frame);
      return memory;
    });
    const copied = (await decodeValue(received)) as { data: Float64Array };
    expect(copied.data.buffer).toBeInstanceOf(ArrayBuffer);
    expect(copied.data[499]).toBe(2);
    const aliased = (await decodeValue(received, { copyBuffers: false })) as typeof copied;
    expect(aliased.data.buffer).toBe(received[1]?.buffer);
  });
});

describe("errors as values", () => {
  test("keep class, stack, code, cause and properties", async () => {
    const error = Object.assign(new RangeError("far", { cause: new TypeError("near") }), {
      code: "E_FAR",
      detail: { at: [1, 2] },
    });
    const back = await trip(error);
    expect(back).toBeInstanceOf(RangeError);
    expect(back).toMatchObject({ message: "far", code: "E_FAR", detail: { at: [1, 2] } });
    expect(back.stack).toBe(error.stack);
    expect(back.cause).toBeInstanceOf(TypeError);
    expect(Object.keys(back)).toEqual(["code", "detail"]);
    const many = await trip(new AggregateError([new Error("a"), "b"], "all"));
    expect(many.errors[0].message).toBe("a");
    expect(many.errors[1]).toBe("b");
  });
});

test("arguments objects and DOM exceptions arrive as what they hold", async () => {
  const list = (function (..._: unknown[]) {
    // biome-ignore lint/complexity/noArguments: the object itself is what is tested
    return arguments;
  })(1, { a: 2 });
  expect(await trip<unknown>(list)).toEqual([1, { a: 2 }]);
  const abort = await trip<unknown>({ why: new DOMException("stop", "AbortError") });
  expect(abort).toMatchObject({ why: { name: "AbortError", message: "stop", code: 20 } });
});

test("values of another realm", async () => {
  const value = runInNewContext(
    "({ list: [1, new Date(5), /x/g], map: new Map([[1, { a: 2 }]]), error: new TypeError('t') })",
  );
  const back = await trip(value);
  expect(back).toMatchObject({ list: [1, new Date(5), /x/g], map: new Map([[1, { a: 2 }]]) });
  expect(back.error).toBeInstanceOf(TypeError);
  expect(back.map).toBeInstanceOf(Map);
});

test("what every process has goes by name", async () => {
  const value = { Math, env: process.env, fs, promises: fs.promises, win: path.win32.join };
  const back = await trip(value);
  for (const key of Object.keys(value) as (keyof typeof value)[]) {
    expect(back[key]).toBe(value[key]);
  }
});

test("subclasses of typed arrays", async () => {
  class Samples extends Float64Array {
    total(): number {
      return this.reduce((a, b) => a + b, 0);
    }
  }
  const back = await trip(Samples.of(1, 2, 3.5) as Samples);
  expect(back.total()).toBe(6.5);
});

describe("refusals name the way", () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ["array iterator", [1][Symbol.iterator](), "LIVE_OBJECT"],
    ["detached buffer", detached(), "LIVE_OBJECT"],
    ["promise", Promise.resolve(1), "LIVE_OBJECT"],
    ["weak map", new WeakMap(), "LIVE_OBJECT"],
    ["weak ref", new WeakRef({}), "LIVE_OBJECT"],
    ["generator", (function* () {})(), "LIVE_OBJECT"],
    ["event target", new AbortController().signal, "LIVE_OBJECT"],
    ["formatter", new Intl.NumberFormat("en"), "LIVE_OBJECT"],
    ["unique symbol", Symbol("u"), "UNIQUE_SYMBOL"],
    ["proxy", new Proxy({}, {}), "PROXY"],
  ];
  test.each(cases)("%s", async (_, value, code) => {
    await expect(encodeValue({ list: [1, { value }] })).rejects.toMatchObject({
      code,
      path: [".list[1].value"],
    });
  });
});

test("remote values become references", async () => {
  class Future {
    key = "k1";
  }
  const future = new Future();
  const refOf = (value: object) => (value instanceof Future ? value.key : undefined);
  const { frames, refs } = await encodeValue([future, { future }], { refOf });
  expect(refs).toEqual(["k1"]);
  expect(decodeValue(frames, { resolveRef: (key) => `<${key}>` })).toEqual([
    "<k1>",
    { future: "<k1>" },
  ]);
});

test("plain and special data decode without a promise", async () => {
  const { frames } = await encodeValue({ when: new Date(3), data: [1] });
  expect(decodeValue(frames)).toEqual({ when: new Date(3), data: [1] });
});

test("100,000 rows of one number", async () => {
  const rows = Array.from({ length: 100_000 }, (_, index) => [index]);
  let best = Infinity;
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    const encoded = await encodeItems(rows);
    best = Math.min(best, performance.now() - start);
    expect(encoded).toHaveLength(rows.length);
  }
  console.log(`encodeItems: ${(best / 100).toFixed(3)} us per row (${best.toFixed(0)} ms)`);
  expect(best).toBeLessThan(1500);
});
