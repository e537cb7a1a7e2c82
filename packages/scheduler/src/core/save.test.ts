// Goal: a restored scheduler goes on as if nothing had happened. Method: scenarios are played
// halfway, saved as text-like plain data, loaded, and both copies must say the same afterwards.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { perform } from "../scenarios/commands.js";
import { play } from "../scenarios/run.js";
import { parseCommand } from "../scenarios/script.js";
import { newLife } from "./new-life.js";
import { load, save } from "./save.js";
import { validate } from "./validate.js";

const folder = new URL("../scenarios/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));
const read = (name: string) => readFileSync(new URL(name, folder), "utf8");

describe("save and load", () => {
  it.each(files)("round-trip the state after each block of %s", (name) => {
    const recorded = read(name);
    const { text } = play(recorded, (world) => {
      const saved = save(world.state);
      world.state = load(saved);
      validate(world.state);
      expect(save(world.state)).toEqual(saved);
    });
    expect(text).toBe(recorded);
  });

  it("begin a new life with larger run ids and no connections", () => {
    const { world } = play(read("queued-root-tasks.txt").split("# All of them")[0] as string);
    const state = load(save(world.state));
    newLife(state, world.nowMs);
    validate(state);
    expect(state.workers.size).toBe(0);
    expect([...state.tasks.values()].every((task) => task.flight === null)).toBe(true);
    world.state = state;
    perform(world, parseCommand("worker w9"));
    const lines = world.settle();
    const runs = lines.flatMap((line) => /run_id=(\d+)/.exec(line)?.[1] ?? []).map(Number);
    expect(runs.length).toBeGreaterThan(0);
    for (const run of runs) expect(run).toBeGreaterThan(2 ** 32);
  });
});
