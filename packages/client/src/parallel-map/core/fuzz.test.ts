// The core of a map against a cluster that does anything: every call gets exactly one last word,
// never more attempts than allowed, and no more is on its way than may be.
import { expect, test } from "vitest";
import {
  type CallEnd,
  type Fault,
  type MapEvent,
  type MapRules,
  newOutbox,
  newState,
  step,
  type TaskOrder,
  validate,
} from "./index.js";

function seededRandom(seed: number): (below: number) => number {
  let s = Math.imul(seed, 2_654_435_761);
  return (below) => {
    s = (Math.imul(s, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((s / 2 ** 32) * below);
  };
}

function anyRules(random: (below: number) => number): MapRules {
  return {
    onError: (["throw", "continue", "fail-fast"] as const)[random(3)]!,
    maxInFlight: random(3) === 0 ? null : 1 + random(300),
    memoryBytes: random(2) === 0 ? null : 1_000,
    retries: {
      max: random(4),
      backoffMs: random(50),
      backoffMaxMs: 200,
      backoffFactor: 1 + random(3),
      memoryFactor: 2,
    },
  };
}

class AnyMap {
  readonly random: (below: number) => number;
  readonly rules: MapRules;
  readonly state;
  readonly total: number;
  readonly open: TaskOrder[] = [];
  readonly words = new Map<number, number>();
  readonly attempts = new Map<number, number>();
  end: string | null = null;
  wakeAtMs: number | null = 0;
  nowMs = 0;
  #wanted = 0;
  #next = 0;
  #sourceEnded = false;
  #untaken = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.rules = anyRules(this.random);
    this.state = newState(this.rules);
    this.total = this.random(600);
  }

  step(events: MapEvent[]): void {
    const out = newOutbox();
    step(this.state, events, this.nowMs, out);
    validate(this.state);
    expect(this.end === null || out.end === null).toBe(true);
    this.end ??= out.end;
    this.wakeAtMs = out.wakeAtMs;
    this.#wanted += out.pull;
    for (const id of out.cancel)
      this.open.splice(
        this.open.findIndex((o) => o.taskId === id),
        1,
      );
    for (const order of out.send) this.#sent(order);
    for (const { index, attempts } of out.outcomes) {
      this.words.set(index, (this.words.get(index) ?? 0) + 1);
      expect(attempts).toBeLessThanOrEqual(this.rules.retries.max + 1);
      this.#untaken += 1;
    }
    const { maxInFlight } = this.rules;
    if (maxInFlight !== null) {
      expect(this.#next + this.#wanted - this.#taken()).toBeLessThanOrEqual(maxInFlight);
    }
  }

  events(): MapEvent[] {
    const events: MapEvent[] = [];
    for (let i = this.random(4); i >= 0; i--) {
      const event = this.#event();
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  #sent(order: TaskOrder): void {
    this.open.push(order);
    for (const index of order.indexes) expect(this.words.has(index)).toBe(false);
    if (order.attempt > 1) expect(order.indexes).toHaveLength(1);
    expect(order.attempt).toBeLessThanOrEqual(this.rules.retries.max + 1);
  }

  #event(): MapEvent | undefined {
    const kind = this.random(20);
    if (kind < 5) return this.#arrive();
    if (kind < 14) return this.#endTask();
    if (kind < 18) return this.#take();
    if (kind === 18) return { type: "slots", count: 1 + this.random(50) };
    return this.random(400) === 0 ? { type: "cancel" } : { type: "packed", bytesPerCall: 10 };
  }

  #arrive(): MapEvent | undefined {
    if (this.#sourceEnded) return undefined;
    if (this.#next === this.total) {
      this.#sourceEnded = true;
      this.#wanted = 0;
      return { type: "source-ended" };
    }
    const count = Math.min(this.#wanted, this.total - this.#next, 1 + this.random(200));
    if (count === 0) return undefined;
    const indexes = Array.from({ length: count }, () => this.#next++);
    this.#wanted -= count;
    if (this.random(5) > 0) return { type: "arrived", indexes, pulled: count };
    return { type: "known", ends: indexes.map((index) => ({ index, payload: 0 })), pulled: count };
  }

  #endTask(): MapEvent | undefined {
    const [order] = this.open.splice(this.random(this.open.length), 1);
    if (order === undefined) return undefined;
    const { taskId } = order;
    const fault = this.#fault();
    if (this.random(15) === 0) return { type: "task-failed", taskId, fault };
    const ends = order.indexes.map((index): CallEnd => {
      const durationMs = this.random(2) / 2 + this.random(20) / 10;
      if (this.random(30) === 0) return { index, ok: false, durationMs, fault };
      return { index, ok: true, durationMs, payload: index };
    });
    return { type: "task-ended", taskId, ends };
  }

  #fault(): Fault {
    const isMemory = this.random(3) === 0;
    const memory = isMemory ? { workerBytes: this.random(5_000), largestBytes: 9_000 } : null;
    const code = this.random(5) > 0 ? null : "RESULT_SHAPE";
    return { code, death: isMemory ? "killed" : null, memory, payload: "why" };
  }

  #take(): MapEvent | undefined {
    const count = this.random(this.#untaken + 1);
    this.#untaken -= count;
    return count === 0 ? undefined : { type: "taken", count };
  }

  #taken(): number {
    return this.words.size - this.#untaken;
  }
}

test("every call has one last word, whatever happens", () => {
  const ends = new Map<string | null, number>();
  for (let seed = 1; seed <= 150; seed++) {
    const map = new AnyMap(seed);
    for (let turn = 0; map.end === null; turn++) {
      expect(turn, `seed ${seed} does not end`).toBeLessThan(50_000);
      map.step(map.events());
      map.nowMs += map.random(20);
    }
    ends.set(map.end, (ends.get(map.end) ?? 0) + 1);
    if (map.end === "complete") expect(map.words.size, `seed ${seed}`).toBe(map.total);
    expect(
      [...map.words.values()].every((count) => count === 1),
      `seed ${seed}`,
    ).toBe(true);
  }
  expect([...ends.keys()].sort()).toEqual(["cancelled", "complete", "failed"]);
});
