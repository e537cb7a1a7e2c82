// The whole table under every loader: packed by one process, rebuilt and called by another.

import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { caseArguments, cases, judge, type Story, verdictTable } from "./fixtures/judge.js";
import type { Loader } from "./fixtures/rows.js";
import { createWorld, type World } from "./fixtures/world.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

interface Run {
  readonly title: string;
  readonly loader: Loader;
  /** Path of the node that packs, and of the one that rebuilds; this one unless given. */
  readonly packer?: string;
  readonly rebuilder?: string;
}

const everywhere: readonly Loader[] = ["plain", "tsx", "esm", "commonjs", "tsx-commonjs"];

/** Another node, as whoever starts this test may give it, which can strip types by itself. */
const other = process.env.ACME_TEST_NODE;

const runs: readonly Run[] =
  other === undefined
    ? everywhere.map((loader) => ({ title: loader, loader }))
    : [
        { title: "plain", loader: "plain", packer: other, rebuilder: other },
        { title: "stripped", loader: "stripped", packer: other, rebuilder: other },
        { title: "plain from", loader: "plain", packer: other },
        { title: "stripped from", loader: "stripped", packer: other },
        { title: "plain to", loader: "plain", rebuilder: other },
      ];

const names = Object.keys(cases);
const verdicts = runs.map((run) => ({ ...run, held: new Map<string, boolean>() }));

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => {
  world.remove();
  console.log(verdictTable(verdicts));
});

describe.each(verdicts)("$title", ({ loader, packer, rebuilder, held }) => {
  let story: Story;
  beforeAll(async () => {
    const packed = await world.pack(loader, packer === undefined ? {} : { node: packer });
    const options = rebuilder === undefined ? {} : { node: rebuilder };
    story = { world, loader, packed, loaded: await world.load(packed, caseArguments, options) };
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
