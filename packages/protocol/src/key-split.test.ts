// Goal: prefixes are those of dask. The first cases are the examples of dask's own documentation.
import { expect, test } from "vitest";
import { taskKey, type WireKey } from "./key.js";
import { keySplit } from "./key-split.js";

test.each<[WireKey, string]>([
  ["x", "x"],
  ["x-1", "x"],
  ["x-1-2-3", "x"],
  [["x-2", 1], "x"],
  ["('x-2', 1)", "x"],
  ["('x', 1)", "x"],
  ["hello-world-1", "hello-world"],
  [new TextEncoder().encode("hello-world-1"), "hello-world"],
  ["ae05086432ca935f6eba409a8ecd4896", "data"],
  ["<module.submodule.myclass object at 0xdaf372", "myclass"],
  ["x-abcdefab", "x"],
  ["_(x)", "x"],
  ["größe-Ω-2", "größe-Ω"],
  ["task-feedback-1", "task"],
  ["a-b1-c", "a"],
  ["", "Other"],
  ["-x", "Other"],
  ["(", "Other"],
  [7, "Other"],
  [[], "Other"],
  [[["deep-1"], 2], "deep"],
])("%s is of %s", (wire, prefix) => {
  expect(keySplit(taskKey(wire))).toBe(prefix);
});
