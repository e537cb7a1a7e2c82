// The status tells what tasks and workers do, from counts that are kept; scenarios and simulator
// compare those counts with the tasks after every step.
import { expect, it } from "vitest";
import { play } from "../scenarios/run.js";
import { coreLimits } from "./limits.js";
import { keepNotice, type Notice } from "./notices.js";
import { status } from "./status.js";

/** Plays a scenario for what it leaves; what it prints is compared elsewhere. */
function after(...commands: string[]) {
  const text = commands.map((one) => `${one}\n----\n`).join("\n");
  return status(play(text).world.state);
}

it("counts tasks by function, those with the most to do first", () => {
  const now = after(
    "worker w1 threads=2\nclient c1",
    "graph c1 dec-1 dec-2 dec-3",
    "finish w1 dec-1",
    "graph c1 inc-1 inc-2 inc-3 inc-4",
  );
  expect(now.tasks).toMatchObject({ memory: 1, erred: 0, released: 0 });
  expect(now.functions.map(({ name, made, open }) => [name, made, open])).toEqual([
    ["inc", 4, 4],
    ["dec", 3, 2],
  ]);
  expect(now.functions[1]?.states.memory).toBe(1);
  expect([now.workerCount, now.threads, now.clients]).toEqual([1, 2, 1]);
  expect(now.workers[0]?.processing).toBeGreaterThan(0);
});

it("forgets a function with its last task, and what was made of it", () => {
  const before = ["worker w1\nclient c1", "graph c1 inc-1", "finish w1 inc-1", "release c1 inc-1"];
  expect(after(...before).functions).toEqual([]);
  expect(after(...before, "graph c1 inc-2").functions[0]).toMatchObject({ made: 1, open: 1 });
});

it("remembers failures that nobody asks about any more", () => {
  const before = ["worker w1 threads=2\nclient c1", "graph c1 inc-1 inc-2 inc-3"];
  const failed = after(...before, "err w1 inc-1", "finish w1 inc-2", "release c1 inc-1 inc-2");
  expect(failed.functions[0]).toMatchObject({ made: 3, failed: 1, open: 1 });
  expect(failed.functions[0]?.states.erred).toBe(0);
});

it("tells what was logged last, latest first, and never more than it may", () => {
  const [latest, first] = after("worker w1", "worker w2").notices;
  expect([latest?.text, first?.text]).toEqual([
    expect.stringContaining("w2"),
    expect.stringContaining("w1"),
  ]);
  const notices: Notice[] = [];
  for (let i = 0; i < 1000; i++) {
    keepNotice(notices, { level: "info", event: "x", text: String(i) }, i);
    expect(notices.length).toBeLessThanOrEqual(2 * coreLimits.noticesKept);
  }
  expect(notices.at(-1)?.text).toBe("999");
});
