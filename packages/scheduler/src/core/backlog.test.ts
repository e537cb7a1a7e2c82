// More than one step may work on is spread over several: graphs and releases of any size, first in
// first out per client, with nothing computed twice and no step longer than allowed.
import { type ClientToScheduler, type NativeGraph, Serialized } from "@acme/protocol";
import { expect, it } from "vitest";
import type { SchedulerEvent } from "./events.js";
import { newOutbox, type OutMessage } from "./outbox.js";
import { newState } from "./state.js";
import { step } from "./step.js";
import { validate } from "./validate.js";

const keysPerStep = 10;
const workerLink = 1;
const clientLink = 2;

/** A scheduler with one worker that finishes at once, stepped until nothing is left to do. */
function play() {
  const state = newState({ id: "Scheduler-1", keysPerStep, placementsPerStep: 7, startedMs: 1 });
  const told: OutMessage[] = [];
  const computed: unknown[] = [];
  let most = 0;
  let steps = 0;
  const run = (...events: SchedulerEvent[]): void => {
    for (let next = events; ; ) {
      const out = newOutbox();
      const before = state.counters.transitions;
      step(state, next, state.nowMs + 1, out);
      validate(state);
      steps += 1;
      most = Math.max(most, state.counters.transitions - before);
      told.push(...(out.links.get(clientLink) ?? []));
      const messages = [];
      for (const message of out.links.get(workerLink) ?? []) {
        if (message.op !== "compute-task") continue;
        computed.push(message.key);
        const { key, run_id, stimulus_id } = message;
        const rest = { nbytes: 1, type: null, typename: "int", startstops: [] };
        messages.push({ op: "task-finished" as const, key, run_id, stimulus_id, ...rest });
      }
      if (messages.length === 0 && out.wakeAtMs > state.nowMs) return;
      next = messages.length === 0 ? [] : [{ type: "worker-messages", link: workerLink, messages }];
    }
  };
  const registration = {
    op: "register-worker" as const,
    address: "tcp://10.0.0.1:1",
    status: "running" as const,
    nthreads: 1,
    name: "w1",
    now: 1,
    resources: new Map(),
    memory_limit: null,
    nanny: null,
    metrics: new Map(),
    extra: new Map<string, unknown>([
      ["lang", "js"],
      ["acme", 1],
    ]),
    stimulus_id: "x",
  };
  run(
    { type: "worker-registered", requestId: 1, link: workerLink, registration },
    { type: "client-registered", requestId: 2, link: clientLink, client: "c" as never, acme: 1 },
  );
  const say = (...messages: ClientToScheduler[]) =>
    run({ type: "client-messages", link: clientLink, messages });
  const reset = () => {
    most = 0;
    steps = 0;
  };
  return { state, told, computed, run, say, reset, figures: () => ({ most, steps }) };
}

/** Each task needs the one `back` before it; those given are desired. */
function graphOf(size: number, back: number, desired: "all" | number[]): NativeGraph {
  const rows = Array.from({ length: size }, (_, i) => (i < back ? [] : [i - back]));
  const offsets = Uint32Array.from({ length: size + 1 }, (_, i) => Math.max(0, i - back));
  const slab = () => [new Uint8Array(Uint32Array.of(0, 1, 2).buffer), new Uint8Array(2)];
  return {
    templates: [{ id: "t", name: "f", body: Serialized.acme([]), dependencies: [] }],
    keys: rows.map((_, i) => `f-${i}`),
    external: [],
    template_of: 0,
    slab_tasks: 2,
    items: Serialized.acme(Array.from({ length: size / 2 }, slab).flat()),
    buffers: null,
    buffer_of: new Map(),
    dependencies: Serialized.acme([
      new Uint8Array(offsets.buffer),
      new Uint8Array(Uint32Array.from(rows.flat()).buffer),
    ]),
    desired,
    constraints: [],
    constraint_of: -1,
    retries: new Map([[size - 1, 3]]),
    user_priority: 0,
  };
}

const update = (graph: NativeGraph, sequence = 0): ClientToScheduler => ({
  op: "update-graph",
  graph,
  sequence,
  keys: [],
});

it("a graph larger than a step is applied in parts, and computes nothing twice", () => {
  const { state, told, computed, say, figures, reset } = play();
  reset();
  say(update(graphOf(100, 30, [99, 71])));
  expect(computed.length).toBe(new Set(computed).size);
  const inMemory = told.flatMap((one) => (one.op === "key-in-memory" ? [one.key] : []));
  expect(inMemory.sort()).toEqual(["f-71", "f-99"]);
  expect(told.filter(({ op }) => op === "graph-received")).toHaveLength(1);
  expect(figures().steps).toBeGreaterThanOrEqual(10);
  expect(state.tasks.get("f-99" as never)?.retries).toBe(3);
  // What nobody wants is gone, what was held for later parts as well.
  expect([...state.tasks.keys()].filter((key) => key === "f-72")).toEqual([]);
  say({ op: "client-releases-keys", keys: ["f-99", "f-71"] });
  expect(state.tasks.size).toBe(0);
});

it("what a client says next waits behind its graph, and a release is spread as well", () => {
  const { state, told, say, figures, reset } = play();
  const keys = Array.from({ length: 100 }, (_, i) => `f-${i}`);
  say(
    update(graphOf(100, 100, "all")),
    { op: "report-key", key: "f-99" },
    { op: "report-key", key: "unknown" },
  );
  expect(told.filter(({ op }) => op === "cancelled-keys")).toHaveLength(1);
  expect(told.filter(({ op }) => op === "key-in-memory").length).toBeGreaterThanOrEqual(100);
  expect(state.counters.states.memory).toBe(100);
  reset();
  say({ op: "client-releases-keys", keys }, { op: "report-key", key: "f-0" });
  expect(state.tasks.size).toBe(0);
  expect(told.at(-1)).toMatchObject({ op: "cancelled-keys", keys: ["f-0"] });
  expect(figures().most).toBeLessThanOrEqual(2 * keysPerStep);
  expect(figures().steps).toBeGreaterThanOrEqual(10);
});

it("cancels many keys in pieces, beginning with those that would run last", () => {
  const { state, told, run, say, figures, reset } = play();
  const paused = {
    op: "worker-status-change" as const,
    status: "paused" as const,
    stimulus_id: "x" as never,
  };
  run({ type: "worker-messages", link: workerLink, messages: [paused] });
  say(update(graphOf(100, 100, "all")));
  reset();
  const keys = Array.from({ length: 100 }, (_, i) => `f-${i}`);
  say({ op: "cancel-keys", keys, force: true }, { op: "report-key", key: "f-0" });
  expect(state.tasks.size).toBe(0);
  const cancelled = told.flatMap((one) => (one.op === "cancelled-keys" ? one.keys : []));
  // The answer to the last question comes last: nothing overtakes a cancel.
  expect(cancelled).toEqual([...keys.toReversed(), "f-0"]);
  expect(figures().most).toBeLessThanOrEqual(2 * keysPerStep);
  expect(figures().steps).toBeGreaterThanOrEqual(10);
});

it("a client that goes in the middle takes everything with it, in pieces", () => {
  const { state, run, say, figures, reset } = play();
  const messages = [update(graphOf(100, 30, [99]), 0), { op: "close-client" as const }];
  say(update(graphOf(100, 100, "all"), 0));
  reset();
  run(
    { type: "client-messages", link: clientLink, messages: messages as ClientToScheduler[] },
    { type: "client-gone", link: clientLink, reason: "it went" },
  );
  run({ type: "client-gone", link: clientLink, reason: "it went" });
  expect(state.clients.size).toBe(0);
  expect(state.backlog.size).toBe(0);
  expect(state.tasks.size).toBe(0);
  expect(figures().most).toBeLessThanOrEqual(3 * keysPerStep);
});

it("a restart takes what waits along, and says so to whoever sent it", () => {
  const { state, told, run } = play();
  const messages = [update(graphOf(100, 30, [99, 71])), update(graphOf(5, 5, [4]), 1)];
  run(
    { type: "client-messages", link: clientLink, messages },
    {
      type: "request",
      requestId: 9,
      link: clientLink,
      request: { op: "restart" },
    },
  );
  const ops = told.map((one) => (one.op === "graph-received" ? one.sequence : one.op));
  expect(ops.filter((op) => typeof op === "number" || op === "restart")).toEqual([0, 1, "restart"]);
  expect(state.tasks.size).toBe(0);
});
