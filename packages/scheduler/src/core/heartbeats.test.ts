// Workers that fall silent: when it is looked for their machines, and what follows when nobody
// answers there.
import { expect, it } from "vitest";
import { play } from "../scenarios/run.js";
import { coreLimits } from "./limits.js";
import { newOutbox } from "./outbox.js";
import { step } from "./step.js";

const { silentMs } = coreLimits;

function silentWorkers() {
  const text = ["worker w1", "worker w2", "client c1", "graph c1 inc-1 inc-2"];
  const { state, nowMs } = play(text.map((one) => `${one}\n----\n`).join("\n")).world;
  const at = (afterMs: number, ...events: Parameters<typeof step>[1]) => {
    const out = newOutbox();
    step(state, events, nowMs + afterMs, out);
    return out;
  };
  return { state, at };
}

it("looks for the machine of each silent worker once, and again after as long", () => {
  const { at } = silentWorkers();
  expect(at(silentMs - 1).probes).toEqual([]);
  expect(at(silentMs + 1).probes).toHaveLength(2);
  expect(at(silentMs + 500).probes).toEqual([]);
  expect(at(2 * silentMs + 2).probes).toHaveLength(2);
});

it("removes a worker that nobody can reach, and says why", () => {
  const { state, at } = silentWorkers();
  const [first] = at(silentMs + 1).probes;
  if (first === undefined) throw new Error("nobody is silent");
  const { link, address } = first;
  const out = at(silentMs + 2, { type: "worker-unreachable", link, reason: "no way" });
  expect(state.workers.has(address)).toBe(false);
  expect([state.workers.size, state.counters.workersLost]).toEqual([1, 1]);
  expect(out.log.map(({ text }) => text).join()).toContain("cannot be reached: no way");
});

it("keeps one that was heard of while it was looked for", () => {
  const { state, at } = silentWorkers();
  const [first] = at(silentMs + 1).probes;
  if (first === undefined) throw new Error("nobody is silent");
  const { link, address } = first;
  const beat = {
    op: "heartbeat_worker",
    address,
    now: 0,
    metrics: new Map(),
    executing: new Map(),
  } as const;
  at(silentMs + 2, { type: "request", requestId: 99, link, request: beat as never });
  at(silentMs + 3, { type: "worker-unreachable", link, reason: "no way" });
  expect(state.workers.has(address)).toBe(true);
});

it("has a silent worker of Python replaced by its nanny", () => {
  const text = ["worker w1 python nanny=tcp://n1:1", "worker w2 python"];
  const { state, nowMs } = play(text.map((one) => `${one}\n----\n`).join("\n")).world;
  const out = newOutbox();
  step(state, [], nowMs + 300_001, out);
  expect(state.workers.size).toBe(0);
  expect(out.calls.map(({ address, request }) => [address, request.op])).toEqual([
    ["tcp://n1:1", "kill"],
  ]);
});
