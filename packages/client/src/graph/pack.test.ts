// Packing with the real serializer, up to calling what was packed.
import { decodeCall, FunctionShipError } from "@acme/serialize";
import { describe, expect, test } from "vitest";
import { buildGraph } from "./build-graph.js";
import type { CallBatch } from "./call-batch.js";
import { contentKeys } from "./content-key.js";
import { type Delayed, delayed } from "./delayed.js";
import { packCalls } from "./pack.js";
import { type NameRemote, ref, refuseRemote } from "./references.js";
import { planUpdates } from "./split-updates.js";
import { packDelayed, packTaskGraph } from "./task-graph.js";

const options = { constraint: null, retries: 0, userPriority: 0 };
const add = (a: number, b: number): number => a + b;
const call = async ({ template, items }: Pick<CallBatch, "template" | "items">, i = 0) => {
  const resolveRef = (key: string) => `<${key}>`;
  const { fn, args } = await decodeCall(template.frames, items[i]!.frames, { resolveRef });
  return (fn as (...args: readonly unknown[]) => unknown)(...args);
};

describe("packing calls", () => {
  test("own and shared arguments meet again where the task runs", async () => {
    const packed = await packCalls({ fn: add, rows: [[1], [2]], shared: [10] }, refuseRemote);
    expect(await call(packed, 1)).toBe(12);
  });

  test("futures are named wherever they stand, after waiting for a name", async () => {
    let known = false;
    let attempts = 0;
    const name: NameRemote = () => {
      attempts += 1;
      if (known) return "k-1";
      return Promise.resolve().then(() => {
        known = true;
      });
    };
    const join = (x: { deep: unknown[] }, y: unknown) => JSON.stringify([x, y]);
    const calls = { fn: join, rows: [[{ deep: [ref("a")] }]], shared: [ref("b")] };
    const packed = await packCalls(calls as never, name);
    expect(attempts).toBe(4);
    expect([packed.template.refs, packed.items[0]?.refs]).toEqual([["k-1"], ["k-1"]]);
    expect(await call(packed)).toBe('[{"deep":["<k-1>"]},"<k-1>"]');
  });

  test("the same call has the same key, another function or argument another", async () => {
    const keyOf = async (fn: (...args: never[]) => unknown, ...row: unknown[]) => {
      const { template, items } = await packCalls({ fn, rows: [row], shared: [] }, refuseRemote);
      return contentKeys(template, items)[0];
    };
    const key = await keyOf(add, 1, 2);
    expect(await keyOf(add, 1, 2)).toBe(key);
    expect(await keyOf(add, 2, 1)).not.toBe(key);
    const maker = (k: number) => (x: number) => x + k;
    expect(await keyOf(maker(1), 1)).not.toBe(await keyOf(maker(2), 1));
    expect(await keyOf(add, new Float64Array(500))).not.toBe(
      await keyOf(add, new Float64Array(500).fill(1)),
    );
  });

  test("captured values are those of the moment of the call, however often it is made", async () => {
    let k = 0;
    const addK = (x: number) => x + k;
    const packed = [];
    for (k = 1; k <= 5; k++) {
      packed.push(await packCalls({ fn: addK, rows: [[10]], shared: [] }, refuseRemote));
    }
    const results = await Promise.all(packed.map((each) => call(each)));
    expect(results).toEqual([11, 12, 13, 14, 15]);
  });

  test("what cannot travel is refused with its path", async () => {
    const calls = { fn: add, rows: [[{ inner: new WeakMap() }]], shared: [] };
    await expect(packCalls(calls as never, refuseRemote)).rejects.toThrow(FunctionShipError);
    const remote = { fn: add, rows: [[ref("x"), 1]], shared: [] };
    await expect(packCalls(remote as never, refuseRemote)).rejects.toThrow(/cannot stand here/);
  });
});

describe("graphs of tasks", () => {
  test("delayed calls come with everything below them, inputs first, shared ones once", async () => {
    const lazy = delayed(add);
    const base = lazy(1, 2);
    const left = lazy(base, 3);
    const root = lazy(left, base);
    const batches = await packDelayed([root as Delayed], refuseRemote);
    expect(batches.map((batch) => batch.keys[0])).toEqual([base.key, left.key, root.key]);
    expect(batches.map((batch) => batch.desired)).toEqual([false, false, true]);
    const graph = buildGraph(batches);
    expect(graph.templates.length).toBe(1);
    expect(graph.desired).toEqual([2]);
  });

  test("a chain of ten thousand delayed calls", async () => {
    const lazy = delayed((x: number) => x + 1);
    let last = lazy(0);
    for (let i = 0; i < 10_000; i++) last = lazy(last);
    const batches = await packDelayed([last as Delayed], refuseRemote);
    expect(batches.length).toBe(10_001);
    expect(batches.at(-1)?.keys).toEqual([last.key]);
  });

  test("explicit graphs: tasks, values, and strings that are only strings", async () => {
    const graph = {
      total: [add, ref("x"), { nested: "x" }],
      x: 5,
      alias: ref("total"),
    };
    const batches = await packTaskGraph(graph, new Set(), refuseRemote, {});
    expect(batches.map((batch) => batch.keys[0])).toEqual(["x", "total", "alias"]);
    expect(await call(batches[0]!)).toBe(5);
    expect(await call(batches[2]!)).toBe("<total>");
    expect(batches[1]?.items[0]?.refs).toEqual(["x"]);
  });

  test("a cycle is refused", async () => {
    const graph = { a: [add, ref("b"), 1], b: [add, ref("a"), 1] };
    await expect(packTaskGraph(graph, new Set(), refuseRemote, {})).rejects.toThrow(/cycle/);
  });
});

test("a map of 10^5 calls is packed, named and laid out (about 4 µs a call on a free core)", async () => {
  const count = 100_000;
  const rows = Array.from({ length: count }, (_, i) => [i, `subject-${i}`]);
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    const packed = await packCalls({ fn: add, rows, shared: [] }, refuseRemote);
    const packedMs = performance.now() - start;
    const keys = contentKeys(packed.template, packed.items);
    const keysMs = performance.now() - start - packedMs;
    const { updates } = planUpdates([{ ...packed, keys, desired: true, options }]);
    const totalMs = performance.now() - start;
    times.push(totalMs);
    expect(updates.length).toBe(4);
    const us = (ms: number) => ((ms / count) * 1000).toFixed(2);
    console.info(
      `µs per call: pack ${us(packedMs)}, keys ${us(keysMs)}, ` +
        `lay out ${us(totalMs - packedMs - keysMs)}, total ${us(totalMs)}`,
    );
  }
  // Other programs run beside tests; anything quadratic would take minutes.
  expect(Math.min(...times)).toBeLessThan(3_000);
});
