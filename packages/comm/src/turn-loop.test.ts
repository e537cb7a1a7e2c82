// The promises of the turn loop: one step per turn, waking in time, stopping for good.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { TurnLoop } from "./turn-loop.js";

interface Seen {
  batches: number[][];
  crashes: unknown[];
}

function loopOf(seen: Seen, wakeAtMs: () => number | null) {
  return new TurnLoop<number, { wakeAtMs: number | null }>({
    step: (events) => {
      if (events.includes(13)) throw new Error("unlucky");
      seen.batches.push([...events]);
      return { wakeAtMs: wakeAtMs() };
    },
    act: () => {},
    onCrash: (error) => seen.crashes.push(error),
  });
}

it("gives all events of one turn to one step", async () => {
  const seen: Seen = { batches: [], crashes: [] };
  const loop = loopOf(seen, () => null);
  loop.post(1);
  loop.post(2);
  await sleep(5);
  loop.post(3);
  await sleep(5);
  expect(seen.batches).toEqual([[1, 2], [3]]);
  expect(loop.counters).toMatchObject({ steps: 2, events: 3 });
});

it("lets what else waits for the end of the turn go first", async () => {
  const seen: Seen = { batches: [], crashes: [] };
  const loop = loopOf(seen, () => null);
  loop.yield();
  loop.post(1);
  setImmediate(() => loop.now(2));
  loop.yield();
  await sleep(5);
  expect(seen.batches).toEqual([[1, 2]]);
  loop.post(3);
  loop.yield();
  await sleep(5);
  expect(seen.batches).toEqual([[1, 2], [3]]);
});

it("steps without events when the core wants to be woken", async () => {
  const seen: Seen = { batches: [], crashes: [] };
  const atMs = performance.timeOrigin + performance.now() + 30;
  const loop = loopOf(seen, () => (seen.batches.length === 1 ? atMs : null));
  loop.post(1);
  await sleep(10);
  expect(seen.batches).toHaveLength(1);
  await sleep(60);
  expect(seen.batches).toEqual([[1], []]);
});

it("stops at a crash and tells about it", async () => {
  const seen: Seen = { batches: [], crashes: [] };
  const loop = loopOf(seen, () => null);
  loop.post(13);
  await sleep(5);
  loop.post(1);
  await sleep(5);
  expect(seen.batches).toEqual([]);
  expect(seen.crashes).toHaveLength(1);
});
