// Large graphs in several updates: nothing lost, nothing twice, nothing freed too early.
import { taskKey } from "@acme/protocol";
import { expect, test } from "vitest";
import { clientLimits } from "../limits.js";
import { batchOf, packed, readGraph } from "./fixtures/read-graph.js";
import { planUpdates } from "./split-updates.js";

const limit = clientLimits.graphUpdateTasks;

test("a graph within the limits is one update", () => {
  const { updates, held } = planUpdates([
    batchOf([
      ["a", "1"],
      ["b", "2", "a"],
    ]),
  ]);
  expect(updates.map((update) => update.desired)).toEqual([["a", "b"]]);
  expect(held).toEqual([]);
});

test("a long map is cut, and no call is lost or doubled", () => {
  const calls = Array.from({ length: 2 * limit + 5 }, (_, i): [string, string] => [
    `f-${i}`,
    `${i}`,
  ]);
  const { updates } = planUpdates([batchOf(calls.slice(0, 10)), batchOf(calls.slice(10))]);
  expect(updates.map((update) => update.graph.keys.length)).toEqual([limit, limit, 5]);
  const read = updates.flatMap((update) => readGraph(update.graph));
  expect(read.map((call) => [call.key, call.document])).toEqual(calls);
});

test("many bytes are cut too", () => {
  const buffer = new Uint8Array(clientLimits.graphUpdateBytes / 2 - 100);
  const items = [1, 2, 3].map((i) => packed(`${i}`, [], [buffer]));
  const batch = { ...batchOf([]), keys: ["a", "b", "c"].map(taskKey), items };
  expect(planUpdates([batch]).updates.map((u) => u.graph.keys)).toEqual([["a", "b"], ["c"]]);
});

test("what a later update needs is held until then", () => {
  const inner = Array.from({ length: limit }, (_, i): [string, string] => [`a-${i}`, `${i}`]);
  const plan = planUpdates([
    batchOf(inner, { desired: false }),
    batchOf([["sum", "", "a-0", "a-7"]]),
  ]);
  expect(plan.updates.map((update) => update.desired)).toEqual([["a-0", "a-7"], ["sum"]]);
  expect(plan.updates[0]?.graph.desired).toEqual([0, 7]);
  expect(plan.updates[1]?.graph.external).toEqual(["a-0", "a-7"]);
  expect(plan.held).toEqual(["a-0", "a-7"]);
});
