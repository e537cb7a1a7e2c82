// The core against a scheduler that is always right but slow, over connections that break and lose
// what was on its way. In the end, healed, every future that is still desired must be settled.
import {
  type ClientToScheduler,
  clientId,
  type SchedulerToClient,
  type TaskKey,
  taskKey,
} from "@acme/protocol";
import { expect, test } from "vitest";
import { payloadOf, submit } from "./fixtures/core-run.js";
import {
  type ClientEvent,
  type ClientOutbox,
  newOutbox,
  newState,
  step,
  validate,
} from "./index.js";

function seededRandom(seed: number): (below: number) => number {
  let s = seed;
  return (below) => {
    s = (Math.imul(s, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((s / 2 ** 32) * below);
  };
}

/** Keeps per client what it desires, answers each message, and loses data now and then. */
class RightScheduler {
  readonly tasks = new Map<string, "pending" | "memory" | "erred" | "inline">();
  readonly desires = new Set<string>();
  readonly applied = new Set<number>();
  replaceDesires = false;

  receive(message: ClientToScheduler, say: (m: SchedulerToClient) => void): void {
    switch (message.op) {
      case "update-graph": {
        const fresh = !this.applied.has(message.sequence!);
        this.applied.add(message.sequence!);
        say({ op: "graph-received", sequence: message.sequence! });
        const graph = message.graph!;
        const wanted = graph.desired === "all" ? graph.keys.map((_, i) => i) : graph.desired;
        for (const i of wanted) {
          const key = graph.keys[i] as string;
          if (!fresh && !this.tasks.has(key)) continue;
          if (!this.tasks.has(key)) this.tasks.set(key, "pending");
          this.desires.add(key);
          this.report(key, say);
        }
        return;
      }
      case "client-desires-keys":
        if (this.replaceDesires) this.desires.clear();
        this.replaceDesires = false;
        for (const key of message.keys as string[]) {
          if (!this.tasks.has(key)) say({ op: "cancelled-keys", keys: [key], reason: "unknown" });
          else {
            this.desires.add(key);
            this.report(key, say);
          }
        }
        this.forgetUnwanted();
        return;
      case "client-releases-keys":
      case "cancel-keys":
        for (const key of message.keys as string[]) {
          if (!this.desires.delete(key)) continue;
          if (message.op === "cancel-keys") say({ op: "cancelled-keys", keys: [key] });
        }
        this.forgetUnwanted();
        return;
      case "report-key":
        this.report(message.key as string, say);
        return;
      default:
    }
  }

  forgetUnwanted(): void {
    for (const key of this.tasks.keys()) if (!this.desires.has(key)) this.tasks.delete(key);
  }

  report(key: string, say: (m: SchedulerToClient) => void): void {
    const state = this.tasks.get(key);
    if (state === undefined) say({ op: "cancelled-keys", keys: [key] });
    if (state === "erred")
      say({ op: "task-erred", key, exception: payloadOf(key), traceback: null });
    if (state === "memory") say({ op: "key-in-memory", key });
    if (state === "inline") say({ op: "key-in-memory", key, result: payloadOf(key) });
  }

  /** Something happens in the cluster. */
  advance(random: (below: number) => number, say: (m: SchedulerToClient) => void): void {
    const keys = [...this.tasks.keys()];
    const key = keys[random(keys.length)];
    if (key === undefined) return;
    if (this.tasks.get(key) === "pending") {
      this.tasks.set(key, (["memory", "inline", "erred", "memory"] as const)[random(4)]!);
      this.report(key, say);
    } else if (this.tasks.get(key) === "erred") {
      this.tasks.set(key, "pending");
      say({ op: "task-retried", key });
    } else if (random(4) === 0) {
      this.tasks.set(key, "pending");
      say({ op: "lost-data", key });
    }
  }
}

class Run {
  readonly random: (below: number) => number;
  readonly scheduler = new RightScheduler();
  readonly state = newState({ client: clientId("Client-fuzz") });
  readonly desires = new Map<string, number>();
  readonly told = new Map<TaskKey, string>();
  readonly trace: unknown[] = [];
  toScheduler: ClientToScheduler[] = [];
  toClient: SchedulerToClient[] = [];
  gathers: ClientOutbox["gather"] = [];
  awaited = new Set<string>();
  nowMs = 0;
  link = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  do(...events: ClientEvent[]): void {
    const out = newOutbox();
    step(this.state, events, this.nowMs, out);
    validate(this.state);
    this.trace.push(
      out.toScheduler.map((m) => m.op),
      out.settled.map((s) => [s.key, s.status]),
    );
    expect(this.state.link === null ? out.toScheduler : []).toEqual([]);
    this.toScheduler.push(...out.toScheduler);
    this.gathers.push(...out.gather);
    for (const { key, status } of out.settled) {
      this.told.set(key, status);
      if (status === "error" || status === "cancelled") this.awaited.delete(key);
    }
    for (const delivered of out.values) {
      expect(this.awaited.delete(delivered.key)).toBe(true);
      if (delivered.value === null) continue;
      expect(new TextDecoder().decode(delivered.value.frames[0])).toBe(delivered.key);
    }
  }

  userActs(): void {
    const name = `k${this.random(8)}`;
    const key = taskKey(name);
    const count = this.desires.get(name) ?? 0;
    const act = this.random(6);
    if (act <= 1 && this.state.futures.get(key)?.status !== "error") {
      this.desires.set(name, count + 1);
      if (count === 0) this.told.delete(key);
      this.do(submit(name));
    } else if (act === 2 && count > 0) {
      this.desires.set(name, count - 1);
      if (count === 1) this.awaited.delete(name);
      this.do({ type: "released", keys: [key] });
    } else if (act === 3 && count > 0) {
      this.do({ type: "cancelled", keys: [key], force: this.random(2) === 0 });
    } else if (act >= 4 && count > 0) {
      const status = this.state.futures.get(key)?.status;
      if (status !== "error" && status !== "cancelled") this.awaited.add(name);
      this.do({ type: "wanted", keys: [key] });
    }
  }

  deliver(): void {
    const say = (m: SchedulerToClient) => void this.toClient.push(m);
    const some = this.toScheduler.splice(0, 1 + this.random(3));
    for (const message of some) this.scheduler.receive(message, say);
    const batch = this.toClient.splice(0, 1 + this.random(4));
    if (batch.length > 0) this.do({ type: "scheduler-messages", link: this.link, messages: batch });
  }

  answerGather(): void {
    const order = this.gathers.shift();
    if (order === undefined) return;
    const values = new Map(
      order.keys
        .filter((key) => /memory|inline/.test(this.scheduler.tasks.get(key) ?? ""))
        .map((key) => [key, payloadOf(key)] as const),
    );
    this.do({ type: "gathered", gatherId: order.gatherId, values });
  }

  reconnect(): void {
    const lost = this.link;
    this.toScheduler = this.toScheduler.slice(0, this.random(this.toScheduler.length + 1));
    for (const m of this.toScheduler.splice(0)) this.scheduler.receive(m, () => {});
    this.toClient = [];
    if (lost > 0) this.do({ type: "disconnected", link: lost });
    for (const { gatherId } of this.gathers.splice(0)) {
      this.do({ type: "gather-failed", gatherId, message: "no connection" });
    }
    for (let i = this.random(3); i > 0; i--) this.userActs();
    this.link += 1;
    this.scheduler.replaceDesires = true;
    this.do({ type: "connected", link: this.link });
  }

  chaos(steps: number): void {
    this.reconnect();
    for (let i = 0; i < steps; i++) {
      this.nowMs += this.random(50);
      const what = this.random(20);
      if (what < 6) this.userActs();
      else if (what < 14) this.deliver();
      else if (what < 17) this.scheduler.advance(this.random, (m) => this.toClient.push(m));
      else if (what < 18) this.do();
      else if (what < 19) this.answerGather();
      else this.reconnect();
    }
  }

  heal(): void {
    for (let i = 0; i < 500; i++) {
      this.nowMs += 1_000;
      this.do();
      this.deliver();
      this.answerGather();
      for (const [key, state] of this.scheduler.tasks) {
        if (state !== "pending") continue;
        this.scheduler.tasks.set(key, "memory");
        this.scheduler.report(key, (m) => void this.toClient.push(m));
      }
    }
  }
}

test.each(Array.from({ length: 120 }, (_, seed) => seed))("seed %i", (seed) => {
  const run = new Run(seed);
  run.chaos(300);
  run.heal();
  for (const [name, count] of run.desires) {
    const entry = run.state.futures.get(taskKey(name));
    expect(entry?.desires ?? 0, name).toBe(count);
    if (count > 0) expect(entry?.status, name).toMatch(/finished|error|cancelled/);
    if (count > 0) expect(run.told.get(taskKey(name)), name).toBe(entry?.status);
    if (entry?.status === "finished" && entry.value === null) {
      expect(run.scheduler.tasks.get(name), name).toMatch(/memory|inline/);
    }
  }
  expect([...run.awaited]).toEqual([]);
  const left = [...run.desires].filter(([, count]) => count > 0);
  for (const [name, count] of left) {
    for (let i = 0; i < count; i++) run.do({ type: "released", keys: [taskKey(name)] });
  }
  run.heal();
  expect(run.state.futures.size + run.state.unacknowledged.size + run.state.gathers.size).toBe(0);
  expect(run.state.owedReleases).toEqual([]);
  expect(run.scheduler.tasks.size).toBe(0);
});

test("the same seed gives the same run", () => {
  const traceOf = (seed: number) => {
    const run = new Run(seed);
    run.chaos(300);
    return JSON.stringify(run.trace);
  };
  expect(traceOf(7)).toBe(traceOf(7));
});
