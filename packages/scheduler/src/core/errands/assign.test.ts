// Who unfolds a graph where there is a process beside the scheduler: that one first if it was chosen
// for it, else only while no worker can, and never one of another release of dask.
import { clientId, Serialized } from "@acme/protocol";
import { expect, it } from "vitest";
import { coreLimits } from "../limits.js";
import { newOutbox, type Outbox } from "../outbox.js";
import { load, save } from "../save.js";
import { newState, type SchedulerState } from "../state.js";
import { step } from "../step.js";
import { validate } from "../validate.js";
import { hasWork, idleSince } from "../view.js";
import { askAgain } from "./assign.js";
import type { PythonSettings } from "./errands.js";

class World {
  nowMs = 1_000;
  state: SchedulerState;

  constructor(python: PythonSettings | null) {
    this.state = newState({ id: "Scheduler-1", startedMs: 0, validate: true, python });
    const versions = new Map([["packages", new Map([["dask", "2026.8.0"]])]]);
    const client = clientId("c");
    this.step({ type: "client-registered", requestId: 1, link: 1, client, versions });
  }

  step(...events: Parameters<typeof step>[1]): Outbox {
    const out = newOutbox();
    step(this.state, events, this.nowMs, out);
    validate(this.state);
    return out;
  }

  submit(): Outbox {
    const expr_ser = new Serialized({ serializer: "pickle" });
    const message = { op: "update-graph" as const, keys: ["x"], expr_ser };
    return this.step({ type: "client-messages", link: 1, messages: [message] });
  }

  worker(link: number, dask: string): Outbox {
    return this.step({
      type: "worker-registered",
      requestId: link,
      link,
      registration: {
        op: "register-worker",
        address: `tcp://10.0.0.${link}:1`,
        status: "running",
        nthreads: 1,
        name: `w${link}`,
        now: 0,
        resources: new Map(),
        keys: [],
        nbytes: new Map(),
        types: new Map(),
        memory_limit: null,
        nanny: null,
        metrics: new Map(),
        extra: new Map(),
        versions: new Map([["packages", new Map([["dask", dask]])]]),
        stimulus_id: "register",
      } as never,
    });
  }
}

const answered = (dask: string | null, problem: string | null = null) =>
  ({ type: "helper-answered", dask, problem }) as const;
const asked = (out: Outbox) => out.errands.map(({ at }) => at);

it("asks the process beside the scheduler first if it was chosen for it", () => {
  const world = new World({ helper: "python3", isHelperFirst: true });
  expect(world.state.errands.helper?.isAsked).toBe(true);
  world.worker(2, "2026.8.0");
  expect(asked(world.submit())).toEqual([]);
  expect(hasWork(world.state)).toBe(true);
  expect(idleSince(world.state)).toBeNull();
  expect(asked(world.step(answered("2026.8.0")))).toEqual([null]);
  const out = world.step({ type: "errand-failed", errandId: 1, message: "it died" });
  expect(out.asksHelper).toBe(true);
  for (const _ of [1, 2]) {
    expect(asked(world.step(answered("2026.8.0")))).toEqual([null]);
    world.step({ type: "errand-failed", errandId: 1, message: "it died" });
  }
  expect(world.state.errands.open.get(1)?.doer).toMatchObject({ name: "w2" });
});

it("asks a worker where there is one, of the same release if possible", () => {
  const world = new World({ helper: "python3", isHelperFirst: false });
  world.worker(2, "2026.1.0");
  world.worker(3, "2026.8.0");
  expect(asked(world.submit())).toEqual(["tcp://10.0.0.3:1"]);
  const out = world.step({ type: "errand-failed", errandId: 1, message: "it died" });
  expect(asked(out)).toEqual(["tcp://10.0.0.2:1"]);
});

it("waits for a worker while the process beside the scheduler is of no use", () => {
  const world = new World({ helper: "python3", isHelperFirst: false });
  expect(world.submit().asksHelper).toBe(true);
  expect(world.step(answered(null, "no such command")).errands).toEqual([]);
  world.nowMs += coreLimits.helperRetryMs;
  expect(world.step().asksHelper).toBe(true);
  expect(asked(world.step(answered("2024.1.0")))).toEqual([]);
  expect(asked(world.worker(2, "2026.8.0"))).toEqual(["tcp://10.0.0.2:1"]);
});

it("refuses at once without Python, and in the end where nobody can do it", () => {
  const without = new World(null);
  const [told] = without.submit().links.get(1) ?? [];
  expect(told).toMatchObject({ op: "task-erred", key: "x" });
  const alone = new World({ helper: "python3", isHelperFirst: false });
  alone.submit();
  alone.step(answered(null, "no such command"));
  alone.nowMs += coreLimits.errandWaitMs;
  expect(alone.step().asksHelper).toBe(true);
  const out = alone.step(answered(null, "no such command"));
  expect(out.links.get(1)?.[0]).toMatchObject({ op: "task-erred", key: "x" });
  expect(alone.state.errands.open.size).toBe(0);
});

it("asks again after a restart, and gives up what its client has left", () => {
  const world = new World({ helper: "python3", isHelperFirst: true });
  world.step(answered("2026.8.0"));
  world.submit();
  world.state = load(save(world.state));
  askAgain(world.state);
  expect(asked(world.step())).toEqual([null]);
  const out = world.step({ type: "client-gone", link: 1, reason: "gone" });
  expect(out.abandoned).toEqual([1]);
  expect(hasWork(world.state)).toBe(false);
});
