// Tasks that only Python can run, on a scheduler that does not know it and on one that does.
import { Serialized } from "@acme/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { begin, computeTask, fromScheduler, template, worker } from "../scenarios/messages.js";
import type { FailedOutcome, WorkerEvent } from "./events.js";
import { workerLimits } from "./limits.js";
import { newOutbox, type Outbox } from "./outbox.js";
import type { WorkerState } from "./state.js";
import { step } from "./step.js";
import { validate } from "./validate.js";
import { taskCounts } from "./view.js";

const foreign: FailedOutcome = {
  type: "foreign",
  exception: new Serialized({ serializer: "pickle" }, []),
  traceback: null,
  exceptionText: "ForeignTaskError: it calls builtins.len",
  tracebackText: "",
  startMs: 0,
  stopMs: 0,
};

let state: WorkerState;
let nowMs: number;

function take(...events: WorkerEvent[]): Outbox {
  const out = newOutbox();
  step(state, events, nowMs, out);
  validate(state);
  return out;
}

const ops = (out: Outbox) => out.toScheduler.map((message) => message.op);
const ordersOf = (out: Outbox) =>
  out.exec.flatMap((order) => (order.type === "execute" ? [order.orderId] : []));

/** The task is sent, and the executor says what it is. */
function meet(resources: Record<string, number> | null = null): Outbox {
  const message = computeTask("t", resources === null ? {} : { resources });
  const [orderId] = ordersOf(take(fromScheduler(0, message)));
  return take({ type: "executed", orderId: orderId as number, outcome: foreign });
}

describe("on dask's own scheduler", () => {
  beforeEach(() => {
    nowMs = 1_000;
    state = worker(1, { resources: new Map([["LANG-js", 1]]) });
    take(...begin(1, 0, false), fromScheduler(0, template()));
  });

  it("is held for others to steal, and the slot is free meanwhile", () => {
    const out = meet();
    expect(ops(out)).toEqual([]);
    expect(out.wakeAtMs).toBeLessThanOrEqual(nowMs + workerLimits.foreignHoldMs);
    expect(ordersOf(take(fromScheduler(0, computeTask("ours"))))).toHaveLength(1);
    const steal = { op: "steal-request", key: "t", stimulus_id: "steal-1" } as const;
    const { toScheduler } = take(fromScheduler(0, steal));
    expect(toScheduler).toMatchObject([{ op: "steal-response", state: "constrained" }]);
    expect(taskCounts(state).constrained).toBeUndefined();
    nowMs += 60_000;
    expect(ops(take())).not.toContain("reschedule");
  });

  it("is given back a few times, later each time, and then fails", () => {
    const pauses: number[] = [];
    for (let round = 0; round < workerLimits.foreignRounds; round++) {
      expect(ops(meet())).toEqual([]);
      const sinceMs = nowMs;
      let out = take();
      for (; !ops(out).includes("reschedule"); out = take()) nowMs += 50;
      const change = "worker-status-change";
      expect(
        out.toScheduler.filter(({ op }) => op === "reschedule" || op === change),
      ).toMatchObject([
        { op: change, status: "paused" },
        { op: "reschedule", key: "t" },
      ]);
      pauses.push(nowMs - sinceMs);
      // Until the others of its kind have given it back too.
      nowMs += workerLimits.foreignAsideMs;
      expect(take().toScheduler).toMatchObject([{ op: change, status: "running" }]);
    }
    expect(pauses).toEqual([100, 400, 1_600, 6_400, 25_600]);
    expect(meet().toScheduler).toMatchObject([
      { op: "task-erred", key: "t", exception_text: foreign.exceptionText },
    ]);
    // Asked for anew by somebody, it has its chances again.
    expect(ops(take(fromScheduler(0, { op: "free-keys", keys: ["t"], stimulus_id: "f" })))).toEqual(
      [],
    );
    expect(ops(meet())).toEqual([]);
  });

  it("fails at once where it was sent on purpose", () => {
    expect(ops(meet({ "LANG-js": 1 }))).toEqual(["task-erred"]);
  });

  it("is forgotten when the scheduler frees it", () => {
    meet();
    take(fromScheduler(0, { op: "free-keys", keys: ["t"], stimulus_id: "f" }));
    expect(state.foreign.size).toBe(0);
    expect(state.tasks.size).toBe(0);
  });
});

it("fails at once on a scheduler of ours, which knows languages", () => {
  nowMs = 1_000;
  state = worker(1);
  take(...begin(1, 0, true), fromScheduler(0, template()));
  expect(ops(meet())).toEqual(["task-erred"]);
});
