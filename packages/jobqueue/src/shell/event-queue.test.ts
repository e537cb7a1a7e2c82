// Events for a reader who waits, who is slow, who has enough, and after the end.
import { expect, it } from "vitest";
import { type ClusterEvent, EventQueue } from "./event-queue.js";
import { shellLimits } from "./limits.js";

const scale = (jobs: number): ClusterEvent => ({
  type: "scale",
  cause: "scale",
  jobs,
  before: 0,
  atMs: jobs,
});

async function read(queue: EventQueue): Promise<ClusterEvent[]> {
  const all: ClusterEvent[] = [];
  for await (const event of queue) all.push(event);
  return all;
}

it("gives events in order to whoever waits, and ends after the last", async () => {
  const ended: EventQueue[] = [];
  const queue = new EventQueue((one) => ended.push(one), undefined);
  const reading = read(queue);
  queue.push(scale(1));
  await new Promise((resolve) => setImmediate(resolve));
  queue.push(scale(2));
  queue.end();
  queue.push(scale(3));
  expect(await reading).toEqual([scale(1), scale(2)]);
  expect(ended).toEqual([queue]);
});

it("keeps a bounded number, and says how many were too many", async () => {
  const queue = new EventQueue(() => {}, undefined);
  for (let i = 0; i < shellLimits.eventsWaiting + 5; i++) queue.push(scale(i));
  queue.end();
  const [first, second, ...rest] = await read(queue);
  expect(first).toMatchObject({ type: "missed", count: 5 });
  expect(second).toEqual(scale(5));
  expect(rest).toHaveLength(shellLimits.eventsWaiting - 1);
});

it("is over at once when its reader has enough, or by a signal", async () => {
  const ended: EventQueue[] = [];
  const controller = new AbortController();
  const one = new EventQueue((queue) => ended.push(queue), undefined);
  const other = new EventQueue((queue) => ended.push(queue), controller.signal);
  for (const queue of [one, other]) queue.push(scale(1));
  for await (const event of one) {
    expect(event).toEqual(scale(1));
    break;
  }
  controller.abort();
  expect(await read(other)).toEqual([]);
  expect(ended).toEqual([one, other]);
  expect(await read(new EventQueue(() => {}, controller.signal))).toEqual([]);
});
