// Progress bars are told while something changes and once when it is over; memory is sampled by the
// time of the steps. Neither goes on when nobody is there who wants it.
import { clientId, taskKey } from "@acme/protocol";
import { expect, it } from "vitest";
import { play } from "../../scenarios/run.js";
import type { World } from "../../scenarios/world.js";
import type { SchedulerEvent } from "../events.js";
import { newOutbox, type Outbox } from "../outbox.js";
import { step } from "../step.js";

const begin = "worker w1\nclient c1\ngraph c1 inc-1 sum-1(inc-1) want=sum-1\n----\n";

function after(world: World, ms: number, ...events: SchedulerEvent[]): Outbox {
  const out = newOutbox();
  world.nowMs += ms;
  step(world.state, events, world.nowMs, out);
  return out;
}

it("tells a progress bar what is left until all is done", () => {
  const { world } = play(begin);
  const wish = {
    keys: [taskKey("sum-1")],
    complete: true,
    groups: "prefix",
    everyMs: 100,
  } as const;
  const first = after(world, 0, { type: "watched", watchId: 7, wish });
  const told = (inc: number, sum: number) => [
    {
      watchId: 7,
      report: {
        all: new Map(Object.entries({ sum: 1, inc: 1 })),
        remaining: new Map(Object.entries({ sum, inc })),
        status: sum === 0 ? "finished" : null,
      },
    },
  ];
  expect(first.progress).toEqual(told(1, 1));
  expect(first.wakeAtMs).toBe(world.nowMs + 100);
  expect(after(world, 99).progress).toEqual([]);
  world.fromWorker("w1", finished("inc-1", world));
  expect(after(world, 1, ...world.events.splice(0)).progress).toEqual(told(0, 1));
  const run = [...world.state.tasks.values()].find((task) => task.key === "sum-1")?.runId ?? 0;
  world.fromWorker("w1", { ...finished("sum-1", world), run_id: run });
  expect(after(world, 100, ...world.events.splice(0)).progress).toEqual(told(0, 0));
  expect(after(world, 1_000).progress).toEqual([]);
});

function finished(key: string, world: World) {
  return {
    op: "task-finished" as const,
    key,
    run_id: world.runs.get(`w1 ${key}`) ?? 0,
    nbytes: 8,
    type: null,
    typename: "int",
    startstops: [],
    stimulus_id: "done",
  };
}

it("waits for keys that are not there yet, and stops for whoever has left", () => {
  const { world } = play(begin);
  const wish = { keys: [taskKey("later")], complete: false, groups: "all", everyMs: 100 } as const;
  expect(after(world, 0, { type: "watched", watchId: 1, wish }).progress).toEqual([]);
  const { wakeAtMs } = after(world, 0, { type: "unwatched", watchId: 1 });
  expect(wakeAtMs).toBeGreaterThan(world.nowMs + 100);
});

it("samples memory by the time of the steps", () => {
  const { world } = play(begin);
  const client = clientId("c1");
  const start = { op: "memory_sampler_start", client, measure: "process", interval: 0.5 } as const;
  const [begun] = after(world, 0, request(1, start)).replies;
  const key = (begun as { reply: string }).reply;
  const beginMs = world.nowMs;
  for (let i = 0; i < 4; i++) after(world, 250);
  const [ended] = after(world, 0, request(2, { op: "memory_sampler_stop", key })).replies;
  const times = [0, 500, 1_000].map((ms) => [(beginMs + ms) / 1_000, 0]);
  expect(ended).toEqual({ requestId: 2, reply: times });
  const [again] = after(world, 0, request(3, { op: "memory_sampler_stop", key })).replies;
  expect(again).toMatchObject({ error: key, raises: "KeyError" });
  after(world, 0, request(4, { ...start, interval: Number.NaN }));
  const out = after(world, 10, { type: "client-gone", link: world.linkOf("c1"), reason: "gone" });
  expect(out.wakeAtMs).toBeGreaterThan(world.nowMs);
});

function request(requestId: number, body: object): SchedulerEvent {
  return { type: "request", requestId, link: 0, request: body } as SchedulerEvent;
}
