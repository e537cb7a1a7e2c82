// Keys by content: equal for equal calls, different for all others.
import { expect, test } from "vitest";
import { contentKeys, uniqueKeys } from "./content-key.js";
import { packed, template } from "./fixtures/read-graph.js";

test("the same content gives the same key, anything else another", () => {
  const bytes = (...values: number[]) => Uint8Array.from(values);
  const items = [
    packed("1"),
    packed("2"),
    packed("x".repeat(10_000)),
    packed("1", [], [bytes(1, 2)]),
    packed("1", [], [bytes(1), bytes(2)]),
    packed("1", [], [bytes(1, 3)]),
  ];
  const keys = [...contentKeys(template("f"), items), ...contentKeys(template("g"), items)];
  expect(new Set(keys).size).toBe(2 * items.length);
  expect(contentKeys(template("f"), items)).toEqual(keys.slice(0, items.length));
  expect(keys[0]).toMatch(/^f-[0-9a-f]{32}$/);
});

test("unique keys share a prefix and count", () => {
  const keys = uniqueKeys("f", 3);
  expect(keys[2]).toMatch(/^f-[0-9a-f-]{36}-2$/);
  expect(uniqueKeys("f", 1)[0]).not.toBe(keys[0]);
});
