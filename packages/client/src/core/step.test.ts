// Scenarios of the client core, one fact each; the state is validated after every step.
import { describe, expect, test } from "vitest";
import { clientLimits } from "../limits.js";
import {
  graphOf,
  k,
  keysOf,
  payloadOf,
  startConnected,
  startCore,
  submit,
} from "./fixtures/core-run.js";

const erred = (key: string) => ({
  op: "task-erred" as const,
  key,
  exception: payloadOf("boom"),
  traceback: null,
});

describe("futures", () => {
  test("a graph update carries its sequence, and an inline value settles its future", () => {
    const core = startCore();
    core.run({ type: "connected", link: 1 });
    const out = core.run(submit("x"));
    expect(out.toScheduler).toMatchObject([{ op: "update-graph", sequence: 0, keys: [] }]);
    const result = payloadOf("42");
    const settled = core.says(
      { op: "graph-received", sequence: 0 },
      { op: "key-in-memory", key: "x", result },
    );
    expect(settled.settled).toEqual([{ key: "x", status: "finished" }]);
    expect(core.run({ type: "wanted", keys: keysOf("x") }).values).toEqual([
      { key: "x", value: result },
    ]);
  });

  test("reports before graph-received speak of an earlier future of that key", () => {
    const core = startConnected("x");
    core.run({ type: "released", keys: keysOf("x") });
    core.run(submit("x"));
    expect(core.says({ op: "key-in-memory", key: "x" }).settled).toEqual([]);
    expect(core.says({ op: "cancelled-keys", keys: ["x"] }).settled).toEqual([]);
    const out = core.says({ op: "graph-received", sequence: 1 }, { op: "key-in-memory", key: "x" });
    expect(out.settled).toEqual([{ key: "x", status: "finished" }]);
  });

  test("an error settles, a retry takes it back, and the next result counts", () => {
    const core = startConnected("x");
    expect(core.says(erred("x")).settled).toMatchObject([{ key: "x", status: "error" }]);
    expect(core.says({ op: "task-retried", key: "x" }).settled).toEqual([
      { key: "x", status: "pending" },
    ]);
    expect(core.says({ op: "key-in-memory", key: "x" }).settled).toEqual([
      { key: "x", status: "finished" },
    ]);
  });

  test("what is said without a connection is said over the next, after the desires", () => {
    const core = startConnected("x");
    const message = { op: "queue_release" as const, name: "q" };
    expect(core.run({ type: "said", message }).toScheduler).toEqual([message]);
    core.run({ type: "disconnected", link: 1 });
    expect(core.run({ type: "said", message }).toScheduler).toEqual([]);
    const { toScheduler } = core.run({ type: "connected", link: 2 });
    expect(toScheduler.slice(-2)).toMatchObject([{ op: "client-desires-keys" }, message]);
    const limit = clientLimits.owedMessages;
    core.run({ type: "disconnected", link: 2 });
    for (let i = 0; i < limit + 5; i++) core.run({ type: "said", message });
    const again = core.run({ type: "connected", link: 3 }).toScheduler;
    expect(again.filter(({ op }) => op === "queue_release")).toHaveLength(limit);
  });

  test("lost data is told unless the value came inline", () => {
    const core = startConnected("x", "y");
    core.says(
      { op: "key-in-memory", key: "x" },
      { op: "key-in-memory", key: "y", result: payloadOf("1") },
    );
    const out = core.says({ op: "lost-data", key: "x" }, { op: "lost-data", key: "y" }, erred("y"));
    expect(out.settled).toEqual([{ key: "x", status: "lost" }]);
    expect(core.statusOf("y")).toBe("finished");
  });

  test("lost dependencies cancel", () => {
    const core = startConnected("x");
    const out = core.says({ op: "cancelled-keys", keys: ["x"], reason: "lost dependencies" });
    expect(out.settled).toMatchObject([{ status: "cancelled", reason: "lost dependencies" }]);
    expect(core.run({ type: "released", keys: keysOf("x") }).toScheduler).toEqual([]);
  });

  test("a restart cancels what the scheduler knew, not what is on its way", () => {
    const core = startConnected("x");
    core.run(submit("y"));
    expect(core.says({ op: "restart" }).settled).toMatchObject([{ key: "x", status: "cancelled" }]);
    expect(core.statusOf("y")).toBe("pending");
  });

  test("a value that is here is of the newest graph that names its key, for a restart", () => {
    const core = startConnected("x");
    core.says({ op: "key-in-memory", key: "x", result: payloadOf("1") });
    core.run(submit("x"));
    expect(core.says({ op: "restart" }).settled).toEqual([]);
    core.says({ op: "graph-received", sequence: 1 });
    core.run({ type: "released", keys: keysOf("x") });
    const out = core.run({ type: "released", keys: keysOf("x") });
    expect(out.toScheduler).toEqual([{ op: "client-releases-keys", keys: ["x"] }]);
  });

  test("messages of an older connection are dropped", () => {
    const core = startConnected("x");
    core.run({ type: "connected", link: 2 });
    const messages = [{ op: "key-in-memory" as const, key: "x" }];
    const out = core.run({ type: "scheduler-messages", link: 1, messages });
    expect(out.settled).toEqual([]);
  });
});

describe("desires", () => {
  test("are counted: only the first and the last are told", () => {
    const core = startConnected("x");
    expect(core.run({ type: "desired", keys: keysOf("x", "z") }).toScheduler).toEqual([
      { op: "client-desires-keys", keys: ["z"] },
    ]);
    expect(core.run({ type: "released", keys: keysOf("x") }).toScheduler).toEqual([]);
    const out = core.run(
      { type: "released", keys: keysOf("x") },
      { type: "released", keys: keysOf("z") },
    );
    expect(out.toScheduler).toEqual([{ op: "client-releases-keys", keys: ["x", "z"] }]);
    expect(core.state.futures.size).toBe(0);
  });

  test("releasing what nobody desires is a program error", () => {
    const core = startConnected();
    expect(() => core.run({ type: "released", keys: keysOf("x") })).toThrow(/nobody desires/);
  });

  test("many keys are cancelled by several messages, the last keys first", () => {
    const keys = Array.from({ length: clientLimits.keysPerMessage + 1 }, (_, i) => `x-${i}`);
    const core = startConnected(...keys);
    const out = core.run({ type: "cancelled", keys: keysOf(...keys), force: true });
    expect(out.toScheduler).toEqual([
      { op: "cancel-keys", keys: keys.slice(1), force: true },
      { op: "cancel-keys", keys: ["x-0"], force: true },
    ]);
  });

  test("a cancel is told at once, and the key can be submitted again", () => {
    const core = startConnected("x");
    const out = core.run({ type: "cancelled", keys: keysOf("x", "unknown"), force: false });
    expect(out.toScheduler).toEqual([{ op: "cancel-keys", keys: ["x"], force: false }]);
    expect(out.settled).toMatchObject([{ key: "x", status: "cancelled" }]);
    core.run(submit("x"));
    expect(core.statusOf("x")).toBe("pending");
    expect(core.says({ op: "cancelled-keys", keys: ["x"] }).settled).toEqual([]);
    expect(core.state.futures.get(k("x"))?.desires).toBe(2);
  });
});

describe("gather", () => {
  test("brings the values that were not inline, many keys in one order", () => {
    const core = startConnected("x", "y");
    expect(core.run({ type: "wanted", keys: keysOf("x", "y") }).gather).toEqual([]);
    const { gather } = core.says(
      { op: "key-in-memory", key: "x" },
      { op: "key-in-memory", key: "y" },
    );
    expect(gather).toEqual([{ gatherId: 1, keys: ["x", "y"] }]);
    const values = new Map([
      [k("x"), payloadOf("1")],
      [k("y"), payloadOf("2")],
    ]);
    const out = core.run({ type: "gathered", gatherId: 1, values });
    expect(out.values.map((each) => each.key)).toEqual(["x", "y"]);
  });

  test("a missing key is reported and gathered again after a pause", () => {
    const core = startConnected("x");
    core.says({ op: "key-in-memory", key: "x" });
    core.run({ type: "wanted", keys: keysOf("x") });
    const out = core.run({ type: "gathered", gatherId: 1, values: new Map() });
    expect(out.settled).toEqual([{ key: "x", status: "lost" }]);
    expect(out.toScheduler).toEqual([{ op: "report-key", key: "x" }]);
    const again = core.says({ op: "key-in-memory", key: "x" });
    expect(again.gather).toEqual([]);
    expect(core.at(again.wakeAtMs).gather).toEqual([{ gatherId: 2, keys: ["x"] }]);
  });

  test("a value that is missing time and again is given up", () => {
    const core = startConnected("x");
    core.run({ type: "wanted", keys: keysOf("x") });
    let nowMs = 0;
    for (let gatherId = 1; gatherId < 100; gatherId++) {
      core.says({ op: "key-in-memory", key: "x" });
      nowMs += 10_000;
      core.at(nowMs);
      const { values } = core.run({ type: "gathered", gatherId, values: new Map() });
      if (values.length === 0) continue;
      expect(values).toMatchObject([{ key: "x", value: null }]);
      expect(gatherId).toBe(11);
      return;
    }
    expect.unreachable("never given up");
  });

  test("an old gather says nothing about a new future of the same key", () => {
    const core = startConnected("x");
    core.says({ op: "key-in-memory", key: "x" });
    core.run({ type: "wanted", keys: keysOf("x") });
    core.run({ type: "released", keys: keysOf("x") }, submit("x"));
    core.run({ type: "wanted", keys: keysOf("x") });
    const values = new Map([[k("x"), payloadOf("old")]]);
    expect(core.run({ type: "gathered", gatherId: 1, values }).values).toEqual([]);
  });

  test("a failure without connection counts for nothing and is repeated after it", () => {
    const core = startConnected("x");
    core.says({ op: "key-in-memory", key: "x" });
    core.run({ type: "wanted", keys: keysOf("x") });
    core.run({ type: "disconnected", link: 1 });
    core.run({ type: "gather-failed", gatherId: 1, message: "gone" });
    const out = core.run({ type: "connected", link: 2 });
    expect(out.gather).toEqual([{ gatherId: 2, keys: ["x"] }]);
    expect(core.state.futures.get(k("x"))?.failedGathers).toBe(0);
  });
});

describe("connections", () => {
  test("a new one hears unacknowledged graphs as they were, then all desires", () => {
    const core = startConnected("a");
    core.run(submit("x", "y"));
    core.run({ type: "disconnected", link: 1 });
    expect(core.run({ type: "released", keys: keysOf("y") }).toScheduler).toEqual([]);
    expect(core.run(submit("z")).toScheduler).toEqual([]);
    const out = core.run({ type: "connected", link: 2 });
    expect(out.toScheduler).toEqual([
      { op: "update-graph", sequence: 1, keys: [], graph: graphOf("x", "y") },
      { op: "update-graph", sequence: 2, keys: [], graph: graphOf("z") },
      { op: "client-releases-keys", keys: ["y"] },
      { op: "client-desires-keys", keys: ["a", "x", "z"], all: true },
    ]);
  });

  test("a forced cancel without connection is owed, a plain one is a desire less", () => {
    const core = startConnected("x", "y");
    core.run({ type: "disconnected", link: 1 });
    core.run({ type: "cancelled", keys: keysOf("x"), force: true });
    core.run({ type: "cancelled", keys: keysOf("y"), force: false });
    expect(core.run({ type: "connected", link: 2 }).toScheduler).toEqual([
      { op: "cancel-keys", keys: ["x"], force: true },
      { op: "client-desires-keys", keys: [], all: true },
    ]);
  });

  test("heartbeats follow the interval that the scheduler asks for", () => {
    const core = startConnected();
    expect(core.at(1_000).wakeAtMs).toBe(5_000);
    expect(core.at(5_000).toScheduler).toEqual([{ op: "heartbeat-client" }]);
    expect(core.says({ op: "adjust-heartbeat-interval", interval: 2 }).wakeAtMs).toBe(7_000);
  });

  test("closing settles everything that would never come", () => {
    const core = startConnected("x", "y", "z");
    core.says({ op: "key-in-memory", key: "x" }, erred("y"));
    core.run({ type: "wanted", keys: keysOf("x", "z") });
    const out = core.run({ type: "closed", reason: "the scheduler is gone" });
    expect(out.values).toMatchObject([{ key: "x", value: null, message: "the scheduler is gone" }]);
    expect(out.settled).toMatchObject([{ key: "z", status: "cancelled", reason: "closed" }]);
    expect(core.run(submit("late")).settled).toMatchObject([{ key: "late", status: "cancelled" }]);
  });
});
