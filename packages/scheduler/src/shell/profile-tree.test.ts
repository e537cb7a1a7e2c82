// Samples of several workers become one tree: counts add up, calls of one name are one.
import type { WireValue } from "@acme/protocol";
import { expect, it } from "vitest";
import { mergeProfiles, noProfile } from "./profile-tree.js";

const tree = (identifier: string, count: number, ...children: [string, WireValue][]): WireValue =>
  new Map<string, unknown>([
    ["identifier", identifier],
    ["count", count],
    ["description", new Map([["name", identifier]])],
    ["children", new Map(children)],
  ]) as never;

it("merges", () => {
  const merged = mergeProfiles([
    tree("root", 3, ["f", tree("f", 2, ["g", tree("g", 1)])], ["h", tree("h", 1)]),
    tree("root", 4, ["f", tree("f", 4)]),
    null,
  ]);
  const f = (merged.get("children") as Map<string, Map<string, unknown>>).get("f");
  expect([merged.get("count"), f?.get("count")]).toEqual([7, 6]);
  expect(f?.get("children")).toEqual(new Map([["g", tree("g", 1)]]));
});

it("is an empty tree for nobody", () => {
  expect(mergeProfiles([])).toEqual(noProfile());
});
