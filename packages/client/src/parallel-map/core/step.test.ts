// The core of a map, event by event: the window, retries, chunks, and how it ends.
import { expect, test } from "vitest";
import {
  type CallEnd,
  type Fault,
  type MapEvent,
  type MapState,
  newOutbox,
  newState,
  step,
  validate,
} from "./index.js";
import { mapCoreLimits } from "./limits.js";
import type { MapOutbox } from "./outbox.js";
import type { MapRules, RetryRules } from "./rules.js";

const noRetries: RetryRules = {
  max: 0,
  backoffMs: 100,
  backoffMaxMs: 1_000,
  backoffFactor: 2,
  memoryFactor: 2,
};

function mapOf(rules: Partial<MapRules> = {}) {
  const retries = { ...noRetries, ...rules.retries };
  const all = {
    onError: "throw" as const,
    maxInFlight: null,
    memoryBytes: null,
    ...rules,
    retries,
  };
  const state = newState(all);
  const at = (nowMs: number, ...events: MapEvent[]): MapOutbox => {
    const out = newOutbox();
    step(state, events, nowMs, out);
    validate(state);
    return out;
  };
  return { state, at };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const arrived = (indexes: readonly number[]): MapEvent => ({
  type: "arrived",
  indexes,
  pulled: indexes.length,
});
const ok = (index: number, durationMs = 50): CallEnd => ({
  index,
  ok: true,
  durationMs,
  payload: `result ${index}`,
});
const fault: Fault = { code: null, death: null, memory: null, payload: "why" };
const bad = (index: number, more: Partial<Fault> = {}): CallEnd => ({
  index,
  ok: false,
  durationMs: 50,
  fault: { ...fault, ...more },
});
const ended = (taskId: number, ...ends: CallEnd[]): MapEvent => ({
  type: "task-ended",
  taskId,
  ends,
});

test("pulls, sends, tells, and ends when the source has", () => {
  const { at } = mapOf();
  expect(at(0).pull).toBe(mapCoreLimits.inFlight);
  const sent = at(1, arrived([0, 1]), { type: "source-ended" });
  expect(sent.send.map(({ taskId, indexes, attempt }) => [taskId, indexes, attempt])).toEqual([
    [1, [0], 1],
    [2, [1], 1],
  ]);
  expect(sent.pull).toBe(0);
  const first = at(60, ended(2, ok(1)));
  expect(first.outcomes).toEqual([{ index: 1, status: "done", attempts: 1, payload: "result 1" }]);
  expect(first.end).toBeNull();
  expect(at(70, ended(1, ok(0))).end).toBe("complete");
  expect(at(80, ended(1, ok(0))).outcomes).toEqual([]);
});

test("a map without calls is complete at once", () => {
  const { at } = mapOf();
  at(0);
  expect(at(0, { type: "source-ended" }).end).toBe("complete");
});

test("never has more on its way than maxInFlight, results that nobody took included", () => {
  const { state, at } = mapOf({ maxInFlight: 4 });
  expect(at(0).pull).toBe(4);
  const { send } = at(0, arrived(range(0, 4)));
  expect(send).toHaveLength(4);
  expect(at(100, ended(1, ok(0)), ended(2, ok(1))).pull).toBe(0);
  expect(state.untaken).toBe(2);
  expect(at(100, { type: "taken", count: 2 }).pull).toBe(2);
});

test("a call that fails is tried again after a while that grows", () => {
  const { at } = mapOf({ retries: { ...noRetries, max: 2 } });
  at(0);
  at(0, arrived([0]), { type: "source-ended" });
  const failed = at(10, ended(1, bad(0)));
  expect(failed).toMatchObject({ outcomes: [], send: [], wakeAtMs: 110, end: null });
  expect(failed.retries).toEqual([{ index: 0, attempt: 1, afterMs: 100, payload: "why" }]);
  expect(at(109).send).toEqual([]);
  expect(at(110).send).toMatchObject([{ taskId: 2, indexes: [0], attempt: 2 }]);
  expect(at(120, ended(2, bad(0))).wakeAtMs).toBe(320);
  expect(at(320).send).toMatchObject([{ taskId: 3, attempt: 3 }]);
  const last = at(330, ended(3, bad(0)));
  expect(last.outcomes).toMatchObject([{ index: 0, status: "failed", attempts: 3 }]);
  expect(last.end).toBe("complete");
});

test("what would fail in the same way is not tried again", () => {
  const { at } = mapOf({ retries: { ...noRetries, max: 5 } });
  at(0);
  at(0, arrived([0]), { type: "source-ended" });
  const { outcomes } = at(1, ended(1, bad(0, { code: "RESULT_SHAPE" })));
  expect(outcomes).toMatchObject([{ status: "failed", attempts: 1 }]);
});

test("after death for want of memory it gets more, but never more than there is", () => {
  const { at } = mapOf({ retries: { ...noRetries, max: 3, backoffMs: 0 }, memoryBytes: 100 });
  at(0);
  expect(at(0, arrived([0])).send[0]?.memoryBytes).toBeNull();
  const died = (workerBytes: number): Fault => ({
    ...fault,
    death: "memory",
    memory: { workerBytes, largestBytes: 700 },
  });
  const second = at(1, { type: "task-failed", taskId: 1, fault: died(150) });
  expect(second.send).toMatchObject([{ attempt: 2, memoryBytes: 300 }]);
  const third = at(2, { type: "task-failed", taskId: 2, fault: died(320) });
  expect(third.send).toMatchObject([{ attempt: 3, memoryBytes: 640 }]);
  const fourth = at(3, { type: "task-failed", taskId: 3, fault: died(640) });
  expect(fourth.send).toMatchObject([{ attempt: 4, memoryBytes: 700 }]);
});

test.each([
  ["memory", true],
  ["killed", true],
  ["gone", true],
  ["crashed", false],
  ["ended", false],
  ["failed", false],
  [null, false],
] as const)("more memory after the death %j: %j", (death, isMore) => {
  const { at } = mapOf({ retries: { ...noRetries, max: 1, backoffMs: 0 } });
  at(0);
  at(0, arrived([0]));
  const memory = { workerBytes: 100, largestBytes: 1_000 };
  const again = at(1, { type: "task-failed", taskId: 1, fault: { ...fault, death, memory } });
  expect(again.send[0]?.memoryBytes).toBe(isMore ? 200 : null);
});

test("fail-fast cancels all others with the first failure", () => {
  const { state, at } = mapOf({ onError: "fail-fast" });
  at(0);
  at(0, arrived(range(0, 200)));
  const { cancel, end, outcomes, send } = at(9, ended(3, bad(2)), ended(1, ok(0)));
  expect(outcomes).toMatchObject([{ index: 2, status: "failed" }]);
  expect(cancel).toHaveLength(mapCoreLimits.pilotCalls - 1);
  expect([end, send]).toEqual(["failed", []]);
  expect(state.waiting.length).toBe(0);
});

test("cancel ends it, and what comes later is not told", () => {
  const { at } = mapOf();
  at(0);
  at(0, arrived([0, 1]));
  expect(at(1, { type: "cancel" })).toMatchObject({ cancel: [1, 2], end: "cancelled" });
  expect(at(2, ended(1, ok(0)))).toMatchObject({ outcomes: [], end: null });
});

test("known results are told without a task", () => {
  const { at } = mapOf();
  at(0);
  const { outcomes, end } = at(
    0,
    { type: "known", ends: [{ index: 0, payload: "old" }], pulled: 1 },
    { type: "source-ended" },
  );
  expect(outcomes).toEqual([{ index: 0, status: "done", attempts: 0, payload: "old" }]);
  expect(end).toBe("complete");
});

/** Sends a pilot of small calls and has it end; gives what is sent then. */
function afterPilot(calls: number, durationMs: number, slots = 2) {
  const map = mapOf();
  map.at(0, { type: "slots", count: slots });
  const pilot = map.at(0, arrived(range(0, calls)));
  expect(pilot.send).toHaveLength(Math.max(mapCoreLimits.pilotCalls, 2 * slots));
  const ends = pilot.send.map(({ taskId, indexes }) => {
    return ended(taskId, ok(indexes[0] as number, durationMs));
  });
  return { ...map, out: map.at(20, ...ends) };
}

test("small calls go several in a task, and no more tasks than slots can take", () => {
  const { state, out } = afterPilot(5_000, 0.5);
  expect(new Set(out.send.map(({ indexes }) => indexes.length))).toEqual(new Set([40]));
  expect(out.send).toHaveLength(mapCoreLimits.tasksAtLeast);
  expect(state.waiting.length).toBe(5_000 - mapCoreLimits.pilotCalls - 40 * out.send.length);
});

test("large calls go alone, and at once", () => {
  const { state, out } = afterPilot(5_000, 200);
  expect(out.send.every(({ indexes }) => indexes.length === 1)).toBe(true);
  expect(state.waiting.length).toBe(0);
});

test("small calls are spread over all slots", () => {
  const { out } = afterPilot(164, 0.01, 20);
  expect(out.send.length).toBeGreaterThanOrEqual(40);
});

test("large arguments are not put together", () => {
  const map = afterPilot(5_000, 0.5);
  const first = map.out.send[0]!;
  const packed: MapEvent = { type: "packed", bytesPerCall: mapCoreLimits.taskBytes / 2 };
  const out = map.at(30, packed, ended(first.taskId, ...first.indexes.map((i) => ok(i, 0.5))));
  expect(out.send.length).toBeGreaterThan(0);
  expect(Math.max(...out.send.map(({ indexes }) => indexes.length))).toBe(2);
});

test("nobody waits long for a pilot that takes long", () => {
  const { at } = mapOf();
  at(0);
  expect(at(0, arrived(range(0, 1_000))).wakeAtMs).toBe(mapCoreLimits.pilotMs);
  expect(at(mapCoreLimits.pilotMs).send).toHaveLength(1_000 - mapCoreLimits.pilotCalls);
});

test("several calls whose task died are tried alone, and only the guilty one fails", () => {
  const map = afterPilot(5_000, 0.5);
  const first = map.out.send[0]!;
  const apart = map.at(30, { type: "task-failed", taskId: first.taskId, fault });
  const alone = apart.send.filter(({ indexes }) => indexes.length === 1).slice(0, 40);
  expect(alone.map(({ indexes }) => indexes[0])).toEqual(first.indexes);
  expect(alone.every(({ attempt }) => attempt === 1)).toBe(true);
  const out = map.at(40, { type: "task-failed", taskId: alone[3]!.taskId, fault });
  expect(out.outcomes).toMatchObject([{ index: first.indexes[3], status: "failed", attempts: 1 }]);
});

test("nothing is kept of calls that have ended", () => {
  const { state, at } = mapOf({ maxInFlight: 100 });
  let out = at(0);
  for (let next = 0; state.done < 20_000; ) {
    const { pull, send } = out;
    const ends = send.map(({ taskId, indexes }) => ended(taskId, ...indexes.map((i) => ok(i, 1))));
    out = at(0, arrived(range(next, next + pull)), ...ends);
    next += pull;
    if (out.outcomes.length === 0) continue;
    const again = at(0, { type: "taken", count: out.outcomes.length });
    out = { ...again, send: [...out.send, ...again.send], pull: out.pull + again.pull };
  }
  expect(state.lastTaskId).toBeLessThan(10_000);
  expect(Math.max(...sizes(state))).toBeLessThanOrEqual(100);
});

const sizes = (state: MapState) => [
  state.tasks.size,
  state.tried.size,
  state.waiting.length,
  state.delayed.length,
];
