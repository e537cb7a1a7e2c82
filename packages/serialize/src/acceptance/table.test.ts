// The whole table under every loader: packed by one process, rebuilt and called by another.

import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { caseArguments, cases, judge, type Story, verdictTable } from "./judge.js";
import type { Loader } from "./rows.js";
import { createWorld, type World } from "./world.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const loaders: readonly Loader[] = ["plain", "tsx", "esm", "commonjs", "tsx-commonjs"];
const names = Object.keys(cases);
const verdicts = new Map<Loader, Map<string, boolean>>();

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => {
  world.remove();
  console.log(verdictTable(verdicts));
});

describe.each(loaders)("%s", (loader) => {
  let story: Story;
  const held = new Map<string, boolean>();
  beforeAll(async () => {
    const packed = await world.pack(loader);
    const loaded = await world.load(packed, caseArguments);
    story = { world, loader, packed, loaded };
    verdicts.set(loader, held);
  });

  test("the fixtures and the table have the same cases", () => {
    expect(Object.keys(story.packed).sort()).toEqual([...names].sort());
  });

  test.each(names)("%s", (name) => {
    const { actual, expected } = judge(story, name);
    held.set(name, isDeepStrictEqual(actual, expected));
    expect(actual).toEqual(expected);
  });
});
