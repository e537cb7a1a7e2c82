// Goal: every limit holds and every answer is the promised one. Method: events in, outbox read,
// the state validated after each step. Stories of several steps are in the text scenarios.
import { Serialized, taskKey } from "@acme/protocol";
import { describe, expect, it } from "vitest";
import {
  begin,
  computeTask,
  fromScheduler,
  okOutcome,
  template,
  worker,
} from "../scenarios/messages.js";
import type { WorkerEvent } from "./events.js";
import { newOutbox, type Outbox } from "./outbox.js";
import type { WorkerCoreOptions, WorkerState } from "./state.js";
import { step } from "./step.js";
import { validate } from "./validate.js";
import { connection, executingSeconds, heldKeys, registration, taskCounts } from "./view.js";

const MiB = 2 ** 20;

class Bench {
  readonly state: WorkerState;
  nowMs = 1_000;

  constructor(nthreads: number, options: Partial<WorkerCoreOptions> = {}, acme = true) {
    this.state = worker(nthreads, options);
    this.step(...begin(nthreads, 0, acme), fromScheduler(0, template()));
  }

  step(...events: WorkerEvent[]): Outbox {
    const out = newOutbox();
    step(this.state, events, this.nowMs, out);
    validate(this.state);
    return out;
  }
}

const executes = (out: Outbox): string[] =>
  out.exec.flatMap((order) => (order.type === "execute" ? [order.key] : []));

describe("handing over", () => {
  it("takes no task for an input of its own, though it is being fetched", () => {
    const bench = new Bench(1);
    const who_has = new Map([["a", ["tcp://127.0.0.1:9"]]]);
    const nbytes = new Map([["a", 1]]);
    const acquire = { op: "acquire-replicas" as const, who_has, nbytes, stimulus_id: "s" };
    expect(bench.step(fromScheduler(0, acquire)).fetch).toHaveLength(1);
    bench.step(fromScheduler(0, { ...computeTask("a"), who_has, nbytes }));
    const failed = { type: "fetched", fetchId: 1, outcome: "failed", arrived: new Map() } as const;
    expect(executes(bench.step(failed))).toEqual(["a"]);
  });

  it("goes by the scheduler's priority, then by arrival", () => {
    const bench = new Bench(1);
    const out = bench.step(
      fromScheduler(
        0,
        computeTask("late", { priority: [0, 2] }),
        computeTask("second", { priority: [0, 1] }),
        computeTask("third", { priority: [0, 1] }),
        computeTask("urgent", { priority: [-1, 9] }),
      ),
    );
    expect(executes(out)).toEqual(["urgent"]);
    const order: string[] = [];
    for (let orderId = 1; orderId <= 3; orderId++) {
      order.push(...executes(bench.step({ type: "executed", orderId, outcome: okOutcome(1, 99) })));
    }
    expect(order).toEqual(["second", "third", "late"]);
  });

  it("is bounded by a count where tasks take no time", () => {
    const bench = new Bench(1);
    bench.step(fromScheduler(0, computeTask("first")));
    bench.step({ type: "executed", orderId: 1, outcome: okOutcome(1, 0) });
    const many = Array.from({ length: 100 }, (_, i) => computeTask(`k${i}`));
    expect(executes(bench.step(fromScheduler(0, ...many)))).toHaveLength(64);
    expect(taskCounts(bench.state).ready).toBe(36);
  });

  it("never gives more to a slot than it has, and spreads first", () => {
    const bench = new Bench(3);
    const out = bench.step(fromScheduler(0, computeTask("a"), computeTask("b"), computeTask("c")));
    const slots = out.exec.flatMap((order) => (order.type === "execute" ? [order.slot] : []));
    expect(slots).toEqual([0, 1, 2]);
  });

  it("waits for the executor", () => {
    const state = worker(1);
    const out = newOutbox();
    const connected = begin(1).slice(1);
    step(state, [...connected, fromScheduler(0, template(), computeTask("a"))], 0, out);
    expect(executes(out)).toEqual([]);
    step(state, [{ type: "executor-ready", slot: 0 }], 0, out);
    expect(executes(out)).toEqual(["a"]);
  });
});

describe("fetching", () => {
  it("asks one peer for at most 50 MiB at once, but for one larger value alone", () => {
    const bench = new Bench(1);
    const input = (key: string, bytes: number) =>
      computeTask(`with-${key}`, { inputs: { [key]: ["p1"] }, inputBytes: bytes });
    const orders = ["a", "b", "c"].map((key) => input(key, 20 * MiB));
    const first = bench.step(fromScheduler(0, ...orders, input("d", 90 * MiB)));
    expect(first.fetch.map(({ keys }) => keys)).toEqual([["a", "b"]]);
    const next = (fetchId: number) =>
      bench.step({ type: "fetched", fetchId, outcome: "ok", arrived: new Map() }).fetch;
    expect(next(1).map(({ keys }) => keys)).toEqual([["c"]]);
    expect(next(2).map(({ keys }) => keys)).toEqual([["d"]]);
  });

  it("has at most ten fetches under way, and one per peer", () => {
    const bench = new Bench(1);
    const inputs = Object.fromEntries(
      Array.from({ length: 14 }, (_, i) => [`x${i}`, [`p${i % 12}`]]),
    );
    const out = bench.step(fromScheduler(0, computeTask("c", { inputs })));
    expect(out.fetch).toHaveLength(10);
    expect(new Set(out.fetch.map(({ peer }) => peer)).size).toBe(10);
  });

  it("lets no more than a tenth of the memory limit be under way", () => {
    const bench = new Bench(1, { memoryLimitBytes: 1_000 });
    const inputs = { x: ["p1"], y: ["p2"], z: ["p3"] };
    const out = bench.step(fromScheduler(0, computeTask("c", { inputs, inputBytes: 45 })));
    expect(out.fetch).toHaveLength(2);
    expect(bench.state.incomingBytes).toBe(90);
  });

  it("tells a scheduler that believes in a replica we do not have", () => {
    const bench = new Bench(1);
    const inputs = { x: ["tcp://127.0.0.1:1"] };
    const out = bench.step(fromScheduler(0, computeTask("c", { inputs })));
    expect(out.toScheduler.map(({ op }) => op)).toEqual([
      "release-worker-data",
      "request-refresh-who-has",
    ]);
  });
});

describe("serving", () => {
  it("says busy above the limit and leaves out what it does not have", () => {
    const bench = new Bench(1, { limits: { outgoingConnections: 1 } });
    const data = new Map([["a", Serialized.acme([new Uint8Array(3)])]]);
    bench.step({ type: "request", requestId: 1, request: { op: "update_data", data } });
    const get = (requestId: number): WorkerEvent => ({
      type: "request",
      requestId,
      request: { op: "get_data", keys: ["a", "b"] },
    });
    const out = bench.step(get(2), get(3));
    expect(out.store).toEqual([{ type: "serve", requestId: 2, keys: ["a"] }]);
    expect(out.replies).toEqual([{ requestId: 3, reply: { status: "busy" } }]);
    expect(bench.step({ type: "served", requestId: 2 }, get(4)).store).toHaveLength(1);
  });
});

describe("reporting", () => {
  it("reports a value again under a new run id, with what it was reported with", () => {
    const bench = new Bench(1);
    bench.step(fromScheduler(0, computeTask("a", { runId: 1 })));
    bench.step({ type: "executed", orderId: 1, outcome: okOutcome(5) });
    const out = bench.step(fromScheduler(0, computeTask("a", { runId: 2 })));
    expect(out.exec).toEqual([]);
    expect(out.toScheduler).toMatchObject([
      { op: "task-finished", run_id: 2, nbytes: 5, typename: "number" },
    ]);
    const [finished] = out.toScheduler;
    expect(finished?.op === "task-finished" && finished.startstops).toEqual([
      new Map<string, unknown>([
        ["action", "compute"],
        ["start", 1],
        ["stop", 1.001],
      ]),
    ]);
  });

  it("ignores orders it does not know and messages of an older link", () => {
    const bench = new Bench(1);
    expect(bench.step({ type: "executed", orderId: 9, outcome: okOutcome() }).store).toEqual([]);
    bench.step({ type: "disconnected", link: 0, reason: "test" });
    expect(bench.step(fromScheduler(0, computeTask("a"))).exec).toEqual([]);
    expect(connection(bench.state)).toBe("disconnected");
  });

  it("remembers a bounded number of failed tasks", () => {
    const bench = new Bench(1, { limits: { erredTasksKept: 2 } });
    for (let i = 1; i <= 4; i++) {
      bench.step(fromScheduler(0, computeTask(`k${i}`)));
      const times = { startMs: 0, stopMs: 1 };
      const texts = { exceptionText: "Error", tracebackText: "" };
      const exception = new Uint8Array(1);
      const outcome = { type: "error" as const, exception, traceback: null, ...texts, ...times };
      const out = bench.step({ type: "executed", orderId: i, outcome });
      expect(out.toScheduler).toMatchObject([{ op: "task-erred", exception, run_id: 1 }]);
    }
    expect(taskCounts(bench.state)).toEqual({ error: 2 });
  });

  it("brings held keys and running tasks to the next registration", () => {
    const bench = new Bench(2);
    bench.step(fromScheduler(0, computeTask("a"), computeTask("b", { runId: 8 })));
    bench.step({ type: "executed", orderId: 1, outcome: okOutcome(5) });
    bench.nowMs += 500;
    expect(executingSeconds(bench.state, bench.nowMs)).toEqual(new Map([["b", 0.5]]));
    bench.step({ type: "disconnected", link: 0, reason: "test" });
    const { held, running } = registration(bench.state);
    expect([...held]).toEqual([["a", 5]]);
    expect([...running]).toEqual([["b", 8]]);
    expect(heldKeys(bench.state)).toEqual(["a"]);
  });
});

describe("heartbeats", () => {
  it("come when due, and not before the last one is answered or given up", () => {
    const bench = new Bench(1);
    expect(bench.step().wakeAtMs).toBe(2_000);
    bench.nowMs = 2_000;
    const [call] = bench.step().calls;
    expect(call).toMatchObject({ op: "heartbeat_worker", now: 2, server_id: "w" });
    expect([...call!.metrics.keys()]).toEqual(
      expect.arrayContaining(["bandwidth", "digests_total_since_heartbeat", "memory"]),
    );
    bench.nowMs = 3_000;
    expect(bench.step().calls).toEqual([]);
    bench.step({ type: "heartbeat-answered", status: "OK", heartbeatIntervalMs: 500 });
    bench.nowMs = 4_000;
    expect(bench.step().calls).toHaveLength(1);
    expect(bench.step().wakeAtMs).toBe(4_500);
  });
});

describe("a paused worker", () => {
  it("can spill what it had read ahead, and reads it again", () => {
    const bench = new Bench(1, { memoryLimitBytes: 1_000 });
    const a = taskKey("a");
    bench.step(fromScheduler(0, computeTask("a")));
    bench.step({ type: "executed", orderId: 1, outcome: okOutcome(700, 99) });
    bench.step({ type: "spilled", key: a, bytes: 700, ok: true });
    const needs = computeTask("needs-a", { inputs: { a: [] }, priority: [1] });
    const out = bench.step(fromScheduler(0, computeTask("busy"), needs));
    expect(out.store).toEqual([{ type: "load", key: "a" }]);
    bench.step({ type: "loaded", key: a, ok: true });
    expect(bench.state.tasks.get(a)?.pins).toBe(1);
    const paused = bench.step({ type: "memory", processBytes: 900 });
    // It is in its file still.
    expect(paused.store).toEqual([{ type: "unload", key: "a" }]);
    expect(bench.step({ type: "memory", processBytes: 100 }).store).toEqual([
      { type: "load", key: "a" },
    ]);
  });
});

describe("a full spill disk", () => {
  const measured = (processBytes: number): WorkerEvent => ({ type: "memory", processBytes });

  it("is tried again only after a while, however often memory is measured", () => {
    const bench = new Bench(1, { memoryLimitBytes: 1_000 });
    bench.step(fromScheduler(0, computeTask("a")));
    bench.step({ type: "executed", orderId: 1, outcome: okOutcome(100) });
    expect(bench.step(measured(750)).store).toEqual([{ type: "spill", key: "a" }]);
    const full = bench.step({ type: "spilled", key: taskKey("a"), bytes: 0, ok: false });
    expect(full.log.map(({ level }) => level)).toEqual(["error", "warn"]);
    for (let i = 0; i < 5; i++) {
      const out = bench.step(measured(750));
      expect(out.store).toEqual([]);
      expect(out.log).toEqual([]);
    }
    bench.nowMs += 10_000;
    expect(bench.step(measured(750)).store).toEqual([{ type: "spill", key: "a" }]);
  });
});

describe("validate", () => {
  it("finds a broken reference", () => {
    const bench = new Bench(1);
    bench.step(fromScheduler(0, computeTask("a", { inputs: { x: ["p1"] } })));
    bench.state.tasks.get(taskKey("x"))!.dependents = null;
    expect(() => validate(bench.state)).toThrow("x knows that a needs it");
  });
});
