// How many workers an adaptive cluster is told to have, and which ones may go: by work, by data, by
// the jobs that they belong to.
import { expect, it } from "vitest";
import { play } from "../scenarios/run.js";
import { adaptiveTarget, workersToClose } from "./adaptive.js";
import type { SchedulerState } from "./state.js";

function after(...commands: string[]): SchedulerState {
  return play(commands.map((one) => `${one}\n----\n`).join("\n")).world.state;
}

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${prefix}-${i}`).join(" ");

const closing = (state: SchedulerState, options: Parameters<typeof workersToClose>[1] = {}) =>
  workersToClose(state, options).map(({ name }) => name);

it("wants nobody for nothing, and somebody for anything", () => {
  expect(adaptiveTarget(after("client c1"))).toBe(0);
  expect(adaptiveTarget(after("client c1", "graph c1 inc-1"))).toBe(1);
});

it("wants as many as get the work done in time, but no more than there are tasks", () => {
  // Half a second each as long as nobody knows better.
  const state = after("client c1", `graph c1 ${names("inc", 40)}`);
  expect(adaptiveTarget(state)).toBe(4);
  expect(adaptiveTarget(state, { targetDurationMs: 10_000 })).toBe(2);
  expect(adaptiveTarget(state, { targetDurationMs: 1 })).toBe(40);
  expect(adaptiveTarget(state, { targetDurationMs: 1, nthreads: 4 })).toBe(10);
});

it("counts what workers have as well as what waits", () => {
  const state = after("worker w1\nworker w2\nclient c1", `graph c1 ${names("inc", 40)}`);
  expect(adaptiveTarget(state)).toBe(4);
});

it("keeps who is busy, and lets the others go", () => {
  const state = after("worker w1\nworker w2\nworker w3\nclient c1", "graph c1 inc-1");
  expect(adaptiveTarget(state)).toBe(1);
  expect(closing(state)).toEqual(["w2", "w3"]);
  expect(closing(state, { minimum: 2 })).toEqual(["w2"]);
  expect(closing(state, { target: 2 })).toEqual(["w2"]);
  expect(closing(state, { n: 3 })).toEqual(["w2", "w3", "w1"]);
});

it("lets a job go as a whole or not at all", () => {
  const state = after(
    "worker a at=a0 name=7_0-0\nworker b at=a1 name=7_0-1",
    "worker c at=a2 name=7_1-0\nworker d at=a3 name=7_1-1",
    "client c1",
    "graph c1 inc-1",
  );
  expect(adaptiveTarget(state)).toBe(1);
  expect(adaptiveTarget(state, { key: "job" })).toBe(2);
  expect(closing(state, { key: "job" })).toEqual(["7_1-0", "7_1-1"]);
  expect(closing(state, { key: "job", target: 3 })).toEqual([]);
});

it("keeps room for the data, and room for more when it is short", () => {
  const state = after(
    "worker w1\nworker w2\nworker w3\nworker w4\nclient c1",
    "graph c1 inc-1",
    "finish w1 inc-1",
  );
  const [first] = state.workers.values();
  for (const worker of state.workers.values()) worker.memoryLimitBytes = 100;
  if (first !== undefined) first.heldBytes = 90;
  expect(closing(state)).toEqual(["w2", "w3"]);
  for (const worker of state.workers.values()) worker.heldBytes = 61;
  expect(adaptiveTarget(state)).toBe(8);
  for (const worker of state.workers.values()) worker.memoryLimitBytes = null;
  // One without a limit has room for all, but somebody has to stay with the data.
  expect(adaptiveTarget(state)).toBe(1);
});

it("neither counts nor chooses who leaves, and nobody with a task that has seceded", () => {
  const two = "worker w1\nworker w2\nworker w3\nclient c1";
  const leaving = after(two, "graph c1 inc-1", "retire w2");
  expect(adaptiveTarget(leaving)).toBe(1);
  expect(closing(leaving)).toEqual(["w3"]);
  const seceded = after(two, "graph c1 inc-1", "long-running w1 inc-1");
  expect(closing(seceded, { n: 3 })).toEqual(["w2", "w3"]);
});
