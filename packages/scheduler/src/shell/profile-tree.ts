// Samples of what Python's threads were doing, as trees of calls. Merges those of many workers into
// one; knows nothing of what was sampled. Corresponds to merge and create of distributed/profile.py.
import type { WireValue } from "@acme/protocol";
import { shellLimits } from "./limits.js";

type Tree = Map<unknown, unknown>;

export const noProfile = (): Tree =>
  new Map<unknown, unknown>([
    ["count", 0],
    ["children", new Map()],
    ["identifier", "root"],
    [
      "description",
      new Map<string, unknown>([
        ["filename", ""],
        ["name", ""],
        ["line_number", 0],
        ["line", ""],
      ]),
    ],
  ]);

/** One tree of all; what is no tree is left out. */
export function mergeProfiles(profiles: readonly WireValue[]): Tree {
  const trees = profiles.filter((one) => one instanceof Map) as Tree[];
  return trees.length === 0 ? noProfile() : merged(trees, 0);
}

function merged(trees: readonly Tree[], depth: number): Tree {
  const [first] = trees as readonly [Tree];
  let count = 0;
  const children = new Map<unknown, Tree[]>();
  for (const tree of trees) {
    count += Number(tree.get("count")) || 0;
    const below = tree.get("children");
    if (!(below instanceof Map) || depth >= shellLimits.profileDepth) continue;
    for (const [name, child] of below) {
      if (!(child instanceof Map)) continue;
      const same = children.get(name);
      if (same === undefined) children.set(name, [child]);
      else same.push(child);
    }
  }
  const below = new Map([...children].map(([name, same]) => [name, merged(same, depth + 1)]));
  return new Map<unknown, unknown>([
    ["description", first.get("description")],
    ["children", below],
    ["count", count],
    ["identifier", first.get("identifier")],
  ]);
}
