// Goal: no order of events breaks the books of the worker core. Method: thousands of random
// events from a seeded generator, the whole state validated after each step, and at the end
// everything drained and freed, after which nothing may be left.
import { Serialized, type WorkerRequest, workerAddress } from "@acme/protocol";
import { describe, expect, it } from "vitest";
import type { WorkerEvent } from "../core/events.js";
import { newOutbox, type Outbox } from "../core/outbox.js";
import type { WorkerState } from "../core/state.js";
import { step } from "../core/step.js";
import { transitionTable } from "../core/transition-table.js";
import { validate } from "../core/validate.js";
import { story } from "../core/view.js";
import { FakeShell, Random } from "./fake-shell.js";
import { begin, computeTask, fromScheduler, template, worker } from "./messages.js";

const names = Array.from({ length: 24 }, (_, i) => `k${i}`);
const peers = ["tcp://p:1", "tcp://p:2", "tcp://p:3", "tcp://127.0.0.1:1"];

class RandomRun {
  readonly random: Random;
  readonly shell: FakeShell;
  readonly state = worker(3, {
    memoryLimitBytes: 2_000,
    resources: new Map([["GPU", 2]]),
    limits: { erredTasksKept: 4, handOverCount: 4, outgoingConnections: 4, fetchBytes: 300 },
  });
  nowMs = 1_000_000;
  link = 0;
  requests = 0;
  stimuli = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.shell = new FakeShell(this.random);
  }

  step(events: WorkerEvent[]): Outbox {
    const out = newOutbox();
    step(this.state, events, this.nowMs, out);
    this.shell.act(out);
    validate(this.state);
    expect(out.wakeAtMs === null || out.wakeAtMs >= this.nowMs).toBe(true);
    return out;
  }

  connect(): WorkerEvent[] {
    return [{ type: "connected", link: this.link, acme: true, heartbeatIntervalMs: 1_000 }];
  }

  key = (): string => this.random.pick(names);
  holders = (): string[] => peers.filter(() => this.random.chance(0.4));

  request(request: WorkerRequest): WorkerEvent {
    const requestId = ++this.requests;
    this.shell.waiting.add(requestId);
    return { type: "request", requestId, request };
  }

  compute(): WorkerEvent {
    const { random } = this;
    // Inputs come before what needs them, so that there are no rings.
    const at = random.below(names.length);
    const inputs: Record<string, string[]> = {};
    for (let i = 0; i < random.below(4) && at > 0; i++) {
      inputs[names[random.below(at)]!] = this.holders();
    }
    const annotations: Record<string, unknown> = {};
    if (random.chance(0.1)) annotations.slots = 2;
    if (random.chance(0.1)) annotations.executor = "process";
    const message = computeTask(names[at]!, {
      runId: ++this.stimuli,
      priority: [random.below(3), random.below(5)],
      inputs,
      inputBytes: random.below(300),
      ...(random.chance(0.1) ? { isolate: true } : {}),
      ...(random.chance(0.2) ? { resources: { GPU: 1 + random.below(2) } } : {}),
      annotations,
    });
    return fromScheduler(this.link, template(), message);
  }

  fromScheduler(): WorkerEvent {
    const { random, link } = this;
    const stimulus_id = `s${++this.stimuli}`;
    const key = this.key();
    const who_has = new Map([[key, this.holders()]]);
    const nbytes = new Map([[key, random.below(300)]]);
    switch (random.below(11)) {
      case 0:
      case 1:
        return fromScheduler(link, { op: "free-keys", keys: [key, this.key()], stimulus_id });
      case 2:
        return fromScheduler(link, { op: "cancel-compute", key, stimulus_id, abort: true });
      case 3:
        return fromScheduler(link, { op: "cancel-compute", key, stimulus_id });
      case 4:
      case 5:
        this.shell.steals.add(stimulus_id);
        return fromScheduler(link, { op: "steal-request", key, stimulus_id });
      case 6:
        return fromScheduler(link, { op: "acquire-replicas", who_has, nbytes, stimulus_id });
      case 7:
        return fromScheduler(link, { op: "remove-replicas", keys: [key], stimulus_id });
      case 8:
        return fromScheduler(link, { op: "refresh-who-has", who_has, stimulus_id });
      case 9:
        return fromScheduler(link, { op: "forget-template", id: "t" });
      default:
        return fromScheduler(link, {
          op: "remove-worker",
          worker: workerAddress(random.pick(peers)),
          stimulus_id,
        });
    }
  }

  rare(): WorkerEvent[] {
    const { random } = this;
    switch (random.below(9)) {
      case 8: {
        const data = new Map([[this.key(), Serialized.acme([new Uint8Array(random.below(200))])]]);
        return [this.request({ op: "update_data", data })];
      }
      case 0:
        return [{ type: "memory", processBytes: random.below(2_400) }];
      case 1:
        return [this.request({ op: "get_data", keys: [this.key(), this.key()] })];
      case 2:
        return [this.request({ op: "gather", who_has: new Map([[this.key(), this.holders()]]) })];
      case 3:
        return [this.request({ op: "free_keys", keys: [this.key()] })];
      case 4: {
        const requestId = 1 + random.below(this.requests + 1);
        // A serve that is already ordered ends with `served` alone.
        if (!this.shell.waiting.delete(requestId)) return [];
        return [{ type: "request-gone", requestId }];
      }
      case 5: {
        const status = random.pick(["paused", "closing_gracefully", "running", "running"] as const);
        return [
          fromScheduler(this.link, { op: "worker-status-change", status, stimulus_id: "status" }),
        ];
      }
      case 6:
        return [{ type: "heartbeat-answered", status: "OK" }];
      default:
        if (random.chance(0.7)) return [];
        // Steal requests of a link that broke need no answer.
        this.shell.steals.clear();
        this.link += 1;
        return [{ type: "disconnected", link: this.link - 1, reason: "test" }, ...this.connect()];
    }
  }

  // What the fake shell says stands alone: it must see what that leads to before it goes on.
  batch(): WorkerEvent[] {
    const { random } = this;
    const choice = random.next();
    if (choice < 0.1) return this.rare();
    if (choice < 0.35) {
      const happened = this.shell.happen();
      return happened === null ? [] : [happened];
    }
    return Array.from({ length: 1 + random.below(2) }, () =>
      random.chance(0.5) ? this.compute() : this.fromScheduler(),
    );
  }

  end(): void {
    this.step([{ type: "memory", processBytes: 0 }]);
    const keys = [...this.state.tasks.values()].map((task) => task.wire);
    const stimulus_id = "end";
    this.step([
      fromScheduler(this.link, { op: "free-keys", keys, stimulus_id }),
      fromScheduler(this.link, { op: "forget-template", id: "t" }),
    ]);
    for (let round = 0; round < 50; round++) {
      this.nowMs += 20_000;
      this.step([{ type: "heartbeat-answered", status: "OK" }]);
      for (const event of this.shell.drain()) this.step([event]);
      const left = [...this.state.tasks.values()].map((task) => task.wire);
      this.step([
        fromScheduler(this.link, { op: "free-keys", keys: left, stimulus_id }),
        fromScheduler(this.link, {
          op: "refresh-who-has",
          who_has: new Map(left.map((key) => [key, []])),
          stimulus_id,
        }),
      ]);
    }
  }
}

function edgesOf(state: WorkerState, edges: Set<string>): void {
  for (const { from, to } of story(state)) edges.add(`${from} -> ${to}`);
}

describe("a worker core under random events", () => {
  it.each(Array.from({ length: 40 }, (_, i) => i + 1))("keeps its books, seed %i", (seed) => {
    const run = new RandomRun(seed);
    run.step(begin(3));
    for (let i = 0; i < 500; i++) {
      run.nowMs += run.random.below(40);
      run.step(run.batch());
    }
    run.end();
    const left = [...run.state.tasks.values()].map((task) => `${task.key} ${task.state}`);
    expect(left).toEqual([]);
    expect(run.state.peers.size).toBe(0);
    expect(run.state.templates.size).toBe(0);
    expect([...run.shell.store]).toEqual([]);
    expect([...run.shell.waiting]).toEqual([]);
    expect([...run.shell.steals]).toEqual([]);
    expect(run.state.memoryBytes).toBe(0);
  });

  it("takes every edge of the transition table", () => {
    const table = Object.entries(transitionTable).flatMap(([from, edges]) =>
      [...edges].map((to) => `${from} -> ${to}`),
    );
    const taken = new Set<string>();
    for (let seed = 1_001; seed <= 1_300 && taken.size < table.length; seed++) {
      const run = new RandomRun(seed);
      run.step(begin(3));
      for (let i = 0; i < 500; i++) {
        run.nowMs += run.random.below(40);
        run.step(run.batch());
      }
      edgesOf(run.state, taken);
    }
    expect([...taken].sort()).toEqual(table.sort());
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("leaves in time when asked to, seed %i", (seed) => {
    const run = new RandomRun(seed);
    run.step(begin(3));
    for (let i = 0; i < 200; i++) {
      run.nowMs += run.random.below(40);
      run.step(run.batch());
    }
    let out = run.step([{ type: "leave", graceMs: 5_000, reason: "test" }]);
    const deadlineMs = run.nowMs + 5_000;
    while (out.left === null && run.nowMs < deadlineMs) {
      const happened = run.shell.happen();
      run.nowMs = Math.min(run.nowMs + run.random.below(100), deadlineMs);
      out = run.step(happened === null ? [] : [happened]);
      expect(out.exec.filter((order) => order.type === "execute")).toEqual([]);
      expect(out.fetch).toEqual([]);
    }
    expect(out.left).toMatchObject({ reason: "asked", exitCode: 0 });
    expect(run.step(run.batch()).toScheduler).toEqual([]);
  });

  it("does the same for the same seed", () => {
    const sent = [7, 7].map((seed) => {
      const run = new RandomRun(seed);
      run.step(begin(3));
      for (let i = 0; i < 300; i++) {
        run.nowMs += 5;
        run.step(run.batch());
      }
      return JSON.stringify(run.shell.sent);
    });
    expect(sent[0]).toBe(sent[1]);
  });
});
