// Goal: every detour of a task as a readable story. Method: each text file beside this test is
// played, and what comes out must be what is recorded. UPDATE_SCENARIOS=1 records anew; commit
// such a change only if each difference is understood.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { transitionTable } from "../core/index.js";
import { edge, stateNames } from "../core/transitions/table.js";
import { play } from "./run.js";

const folder = new URL("./", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));
const edges = new Array<number>(64).fill(0);

describe("scenarios", () => {
  it.each(files)("%s", (name) => {
    const path = new URL(name, folder);
    const recorded = readFileSync(path, "utf8");
    const { text, world } = play(recorded);
    world.state.counters.edges.forEach((count, number) => {
      edges[number] = (edges[number] ?? 0) + count;
    });
    if (process.env.UPDATE_SCENARIOS === "1") writeFileSync(path, text);
    else expect(text).toBe(recorded);
  });

  it("take every edge of the task machine", () => {
    const missing: string[] = [];
    for (const from of stateNames) {
      for (const to of transitionTable[from]) {
        if (edges[edge(from, to)] === 0) missing.push(`${from} -> ${to}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it("say the same when played twice", () => {
    for (const name of files) {
      const text = readFileSync(new URL(name, folder), "utf8");
      expect(play(text).text).toBe(play(text).text);
    }
  });
});
