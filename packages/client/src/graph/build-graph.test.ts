// Graphs are read back as a scheduler reads them, and compared with what went in.
import { clientToScheduler, decodeMessage, encodeMessage, taskKey } from "@acme/protocol";
import { expect, test } from "vitest";
import { clientLimits } from "../limits.js";
import { buildGraph } from "./build-graph.js";
import { batchOf, packed, readGraph, template } from "./fixtures/read-graph.js";
import { withOwnBuffers } from "./shared-buffers.js";

const named = (count: number, from = 0): [string, string][] =>
  Array.from({ length: count }, (_, i) => [`f-${from + i}`, `item ${from + i}`]);

test("calls come back in order with their template, and travel through the wire codec", () => {
  const graph = buildGraph([batchOf(named(3)), batchOf(named(2, 3), { template: template("g") })]);
  const message = { op: "update-graph", graph, sequence: 0, keys: [] };
  const read = clientToScheduler.read(decodeMessage(encodeMessage(message)));
  if (read.op !== "update-graph") return expect.unreachable();
  const calls = readGraph(read.graph!);
  expect(calls.map(({ key, document, template }) => [key, document, template])).toEqual([
    ["f-0", "item 0", "f"],
    ["f-1", "item 1", "f"],
    ["f-2", "item 2", "f"],
    ["f-3", "item 3", "g"],
    ["f-4", "item 4", "g"],
  ]);
  expect(read.graph).toMatchObject({ desired: "all", retries: 0, constraint_of: -1, external: [] });
  expect(read.graph?.dependencies).toBeNull();
});

test("dependencies inside and outside, of items and of templates", () => {
  const shared = template("g", ["data-1"]);
  const graph = buildGraph([
    batchOf([
      ["a", "1"],
      ["b", "2", "a", "elsewhere", "a"],
    ]),
    batchOf([["c", "3", "b"]], { template: shared }),
  ]);
  expect(graph.external).toEqual(["elsewhere", "data-1"]);
  expect(readGraph(graph).map((call) => call.dependencies)).toEqual([
    [],
    ["a", "elsewhere"],
    ["b", "data-1"],
  ]);
});

test("slabs stay within their limit, and one huge item does not break up the others", () => {
  const document = "x".repeat(1000);
  const calls = Array.from({ length: 5000 }, (_, i): [string, string] => [`f-${i}`, document]);
  const graph = buildGraph([batchOf(calls)]);
  const slabs = graph.items.frames.filter((_, i) => i % 2 === 1);
  expect(Math.max(...slabs.map((slab) => slab.byteLength))).toBeLessThanOrEqual(
    clientLimits.slabBytes,
  );
  expect(slabs.length).toBeLessThan(50);
  calls[17] = ["f-17", "y".repeat(clientLimits.slabBytes * 2)];
  const uneven = buildGraph([batchOf(calls)]);
  expect(uneven.slab_tasks).toBe(clientLimits.slabTasksMin);
  expect(readGraph(uneven).map((call) => call.document)).toEqual(calls.map(([, text]) => text));
});

test("a buffer given to many calls is copied and sent once", () => {
  const array = new Uint8Array(2000).fill(7);
  const other = array.subarray(0, 1000);
  const items = withOwnBuffers([
    packed("a", [], [array]),
    packed("b", [], [other, array.subarray()]),
    packed("c"),
  ]);
  const keys = ["a", "b", "c"].map(taskKey);
  const graph = buildGraph([{ ...batchOf([]), keys, items }]);
  array.fill(0);
  expect(graph.buffers?.frames.length).toBe(2);
  const calls = readGraph(graph);
  expect(calls.map((call) => call.buffers.map((each) => each.length))).toEqual([
    [2000],
    [1000, 2000],
    [],
  ]);
  expect(calls[0]?.buffers[0]?.every((byte) => byte === 7)).toBe(true);
});

test("options become columns only where calls differ", () => {
  const constraint = () => ({ workers: ["a"], resources: new Map([["GPU", 1]]) });
  const options = { constraint: constraint(), retries: 2, userPriority: 0 };
  const graph = buildGraph([
    batchOf(named(2)),
    batchOf(named(2, 2), { options }),
    batchOf(named(1, 4), { options: { ...options, constraint: constraint(), userPriority: 5 } }),
  ]);
  expect(graph.constraints).toEqual([constraint()]);
  expect(graph.constraint_of).toEqual([-1, -1, 0, 0, 0]);
  expect(graph.retries).toEqual(
    new Map([
      [2, 2],
      [3, 2],
      [4, 2],
    ]),
  );
  expect(graph.user_priority).toEqual(new Map([[4, 5]]));
});

test("a key that occurs twice is one task", () => {
  const graph = buildGraph([
    batchOf([
      ["a", "1"],
      ["b", "2"],
      ["a", "1"],
    ]),
  ]);
  expect(graph.keys).toEqual(["a", "b"]);
});

test("only some results are desired", () => {
  const graph = buildGraph(
    [batchOf(named(2), { desired: false }), batchOf(named(1, 2))],
    new Set([taskKey("f-1")]),
  );
  expect(graph.desired).toEqual([1, 2]);
});
