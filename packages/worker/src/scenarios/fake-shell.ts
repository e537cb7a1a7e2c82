// Stands in for shell, executors, store and peers in the random test of the worker core: does
// what the outbox says at random times and with random outcomes, and checks that each order makes
// sense where it arrives.
import { assert, type TaskKey, type WorkerToScheduler } from "@acme/protocol";
import type { OrderId, Outcome, WorkerEvent } from "../core/events.js";
import type { ExecOrder, ExecuteOrder, FetchOrder, Outbox, StoreOrder } from "../core/outbox.js";
import { failed, okOutcome } from "./messages.js";

/** A seeded generator: one seed, one run. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

interface Running {
  order: ExecuteOrder;
  cancelled: boolean;
  retracted: boolean;
  seceded: boolean;
}

export class FakeShell {
  readonly running = new Map<OrderId, Running>();
  readonly store = new Map<TaskKey, "memory" | "spilling" | "disk" | "loading">();
  /** Values in a file, wherever else they are. */
  readonly filed = new Set<TaskKey>();
  readonly fetches: FetchOrder[] = [];
  readonly serving: number[] = [];
  readonly templates = new Set<string>();
  /** Steal requests without an answer yet. */
  readonly steals = new Set<string>();
  readonly sent: WorkerToScheduler[] = [];
  readonly lostSlots = new Set<number>();
  waiting = new Set<number>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Takes over what one step put out. */
  act(out: Outbox): void {
    for (const order of out.store) this.#store(order);
    for (const order of out.exec) this.#exec(order);
    this.fetches.push(...out.fetch);
    for (const { requestId } of out.replies) this.#answered(requestId);
    for (const message of out.toScheduler) {
      this.sent.push(message);
      if (message.op !== "steal-response") continue;
      assert(this.steals.delete(message.stimulus_id), "each steal request is answered once");
    }
  }

  #answered(requestId: number): void {
    assert(this.waiting.delete(requestId), "each request is answered once");
  }

  #store(order: StoreOrder): void {
    switch (order.type) {
      case "keep":
        assert(!this.store.has(order.key), "a value is kept once");
        this.store.set(order.key, "memory");
        return;
      case "drop":
        assert(this.store.delete(order.key), "only kept values are dropped");
        this.filed.delete(order.key);
        return;
      case "spill":
        this.#move(order.key, "memory", "spilling");
        return;
      case "load":
        this.#move(order.key, "disk", "loading");
        return;
      case "unload":
        assert(this.filed.has(order.key), "only what is in a file leaves memory");
        this.#move(order.key, "memory", "disk");
        return;
      case "serve":
        for (const key of order.keys) {
          assert(this.store.get(key) === "memory", "served values are in memory");
        }
        this.#answered(order.requestId);
        this.serving.push(order.requestId);
        return;
    }
  }

  #move(key: TaskKey, from: string, to: "spilling" | "loading" | "disk"): void {
    assert(this.store.get(key) === from, `${key} goes from ${from} to ${to}`);
    this.store.set(key, to);
  }

  #exec(order: ExecOrder): void {
    if (order.type === "learn") {
      assert(!this.templates.has(order.template), "a template is learnt once");
      this.templates.add(order.template);
    } else if (order.type === "forget") {
      assert(this.templates.delete(order.template), "only known templates are forgotten");
    } else if (order.type === "execute") {
      this.#execute(order);
    } else {
      const running = this.running.get(order.orderId);
      assert(running !== undefined, "only live orders are cancelled or retracted");
      if (order.type === "cancel") running.cancelled = true;
      else running.retracted = true;
    }
  }

  #execute(order: ExecuteOrder): void {
    assert(!this.lostSlots.has(order.slot), "nothing is handed over to a lost slot");
    assert("template" in order.runSpec, "native run specs only");
    assert(this.templates.has(order.runSpec.template), "executors know the template");
    for (const key of order.dependencies) {
      assert(this.store.get(key) === "memory", `the input ${key} is in memory`);
    }
    this.running.set(order.orderId, {
      order,
      cancelled: false,
      retracted: false,
      seceded: false,
    });
  }

  /** Something that shell, executors, store or peers may say next; null: nothing is under way. */
  happen(): WorkerEvent | null {
    const kinds = [
      () => this.#end(),
      () => this.#end(),
      () => this.#fetched(),
      () => this.#stored(),
      () => this.#served(),
      () => this.#slotChange(),
    ];
    return this.#random.pick(kinds)();
  }

  /** The rest of what is under way, ended well. */
  *drain(): Generator<WorkerEvent> {
    for (const slot of [...this.lostSlots]) {
      this.lostSlots.delete(slot);
      yield { type: "executor-ready", slot };
    }
    while (this.running.size > 0) {
      const [orderId] = this.running.keys();
      this.running.delete(orderId!);
      yield { type: "executed", orderId: orderId!, outcome: okOutcome() };
    }
    while (this.fetches.length > 0) yield this.#fetched()!;
    for (let event = this.#stored(); event !== null; event = this.#stored()) yield event;
    while (this.serving.length > 0) yield this.#served()!;
  }

  #end(): WorkerEvent | null {
    const live = [...this.running.keys()];
    if (live.length === 0) return null;
    const orderId = this.#random.pick(live);
    const running = this.running.get(orderId)!;
    if (running.retracted && this.#random.chance(0.5)) {
      running.retracted = false;
      return { type: "claimed", orderId };
    }
    if (!running.seceded && !running.retracted && this.#random.chance(0.1)) {
      running.seceded = true;
      this.lostSlots.add(running.order.slot);
      return { type: "seceded", orderId };
    }
    this.running.delete(orderId);
    return { type: "executed", orderId, outcome: this.#outcome(running) };
  }

  #outcome(running: Running): Outcome {
    if (running.retracted) return { type: "returned" };
    if (running.cancelled && this.#random.chance(0.7)) return { type: "aborted" };
    const chance = this.#random.next();
    if (chance < 0.7) return okOutcome(this.#random.below(200), this.#random.next() * 0.5);
    if (chance < 0.8) return failed();
    if (chance < 0.85) return failed("died");
    if (chance < 0.9) return { type: "rescheduled" };
    return { type: "returned" };
  }

  #fetched(): WorkerEvent | null {
    if (this.fetches.length === 0) return null;
    const [fetch] = this.fetches.splice(this.#random.below(this.fetches.length), 1);
    const { fetchId, keys } = fetch!;
    const arrived = new Map<TaskKey, number>();
    const outcome = this.#random.pick(["ok", "ok", "ok", "busy", "failed"] as const);
    if (outcome === "ok") {
      for (const key of keys)
        if (this.#random.chance(0.8)) arrived.set(key, this.#random.below(200));
    }
    return { type: "fetched", fetchId, outcome, arrived };
  }

  #stored(): WorkerEvent | null {
    for (const [key, place] of this.store) {
      // A full disk stops nearly everything: where it is the rule, little else is tested.
      const ok = this.#random.chance(place === "spilling" ? 0.97 : 0.8);
      if (place === "spilling") {
        this.store.set(key, ok ? "disk" : "memory");
        if (ok) this.filed.add(key);
        return { type: "spilled", key, bytes: 10, ok };
      }
      if (place === "loading") {
        this.store.set(key, "memory");
        return { type: "loaded", key, ok };
      }
    }
    return null;
  }

  #served(): WorkerEvent | null {
    const requestId = this.serving.pop();
    return requestId === undefined ? null : { type: "served", requestId };
  }

  #slotChange(): WorkerEvent | null {
    for (const slot of this.lostSlots) {
      this.lostSlots.delete(slot);
      return { type: "executor-ready", slot };
    }
    return null;
  }
}
