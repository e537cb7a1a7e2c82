// The worker's core under fuzzed messages of its scheduler and its peers, without sockets: executors,
// store and peers answer as real ones may, each step is validated, everything said is encoded.
import {
  decodeMessage,
  encodeMessage,
  isAcmeError,
  type MessageReader,
  schedulerToWorker,
  workerAddress,
  workerRequest,
} from "@acme/protocol";
import {
  newOutbox,
  newState,
  type Outbox,
  step,
  validate,
  type WorkerEvent,
  type WorkerState,
} from "@acme/worker/core";
import { Random } from "../sim/random.js";
import { type Direction, makeInput, OpCounts } from "./directions.js";
import { Vocabulary } from "./vocabulary.js";

/** Ops that the shell answers without an event. */
const reads = new Set(["identity", "keys", "ping", "versions", "get_logs", "get_story"]);
/** Seldom said, so that a worker lives long enough to have something to lose. */
const endings = new Set(["close", "close-stream", "terminate"]);
const slots = 2;

export interface WorkerReport {
  readonly accepted: number;
  readonly refused: number;
  readonly counts: OpCounts;
}

/** Runs one seed. @throws what the core threw, after the messages that made it throw */
export function fuzzWorkerCore(seed: number, inputs: number): WorkerReport {
  return new WorkerFuzz(seed).run(inputs);
}

class WorkerFuzz {
  readonly #random: Random;
  readonly #names = new Vocabulary("w");
  readonly #counts = new OpCounts();
  #state: WorkerState;
  #nowMs = 1e12;
  #link = 1;
  #request = 0;
  #accepted = 0;
  #refused = 0;
  #latest: unknown[] = [];
  /** What the rooms around the core still owe it. */
  #owed: WorkerEvent[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#state = this.#newWorker();
  }

  run(inputs: number): WorkerReport {
    this.#begin();
    for (let sent = 0; sent < inputs; sent++) {
      this.#latest = [];
      const left = this.#step([...this.#next(), ...this.#answers()]);
      // It was told to go, or has given its scheduler up.
      if (left) this.#begin();
    }
    return { accepted: this.#accepted, refused: this.#refused, counts: this.#counts };
  }

  #newWorker(): WorkerState {
    return newState({
      address: workerAddress("tcp://127.0.0.1:1"),
      serverId: "Worker-fuzz",
      nthreads: slots,
      memoryLimitBytes: 1e6,
      resources: new Map([["GPU", 1]]),
      limits: {},
    });
  }

  #begin(): void {
    this.#state = this.#newWorker();
    this.#owed = [];
    this.#step([
      { type: "connected", link: this.#link, acme: true, heartbeatIntervalMs: 500 },
      ...Array.from({ length: slots }, (_, slot) => ({ type: "executor-ready", slot }) as const),
    ]);
  }

  #next(): WorkerEvent[] {
    const random = this.#random;
    this.#nowMs += random.pick([0, 0, 1, 50, 2_000]);
    if (random.chance(0.02)) return this.#reconnected();
    if (random.chance(0.05)) {
      return [{ type: "memory", processBytes: random.pick([1e5, 7e5, 9e5]) }];
    }
    if (random.chance(0.25)) {
      const request = this.#read(workerRequest, "worker rpc");
      if (request === undefined || reads.has(request.op)) return [];
      this.#request += 1;
      const requestId = this.#request;
      const gone = random.chance(0.1);
      const event: WorkerEvent = { type: "request", requestId, request };
      return gone ? [event, { type: "request-gone", requestId }] : [event];
    }
    const message = this.#read(schedulerToWorker, "scheduler stream");
    if (message === undefined) return [];
    return [{ type: "scheduler-messages", link: this.#link, messages: [message] }];
  }

  #reconnected(): WorkerEvent[] {
    const lost: WorkerEvent = { type: "disconnected", link: this.#link, reason: "fuzz" };
    this.#link += 1;
    const link = this.#link;
    return [lost, { type: "connected", link, acme: true, heartbeatIntervalMs: 500 }];
  }

  #read<M extends { op: string | null }>(
    reader: MessageReader<M>,
    direction: Direction,
  ): Exclude<M, { op: null }> | undefined {
    const making = { random: this.#random, names: this.#names, flights: [] };
    const without = this.#random.chance(0.9) ? (op: string) => endings.has(op) : undefined;
    const input = makeInput(direction, making, { sound: 0.4, without });
    this.#counts.count(input);
    this.#latest.push(input.message);
    try {
      const message = reader.read(decodeMessage(encodeMessage(input.message)));
      if (message.op === null) return undefined;
      this.#accepted += 1;
      return message as Exclude<M, { op: null }>;
    } catch (error) {
      if (!isAcmeError(error)) throw error;
      this.#refused += 1;
      return undefined;
    }
  }

  /** Some of what is owed, in any order: executors, store and peers do not wait for each other. */
  #answers(): WorkerEvent[] {
    const now = this.#owed.filter(() => this.#random.chance(0.4));
    this.#owed = this.#owed.filter((event) => !now.includes(event));
    return now;
  }

  /** @returns whether the worker is done */
  #step(events: readonly WorkerEvent[]): boolean {
    const out = newOutbox();
    try {
      step(this.#state, events, this.#nowMs, out);
      validate(this.#state);
      encodeMessage(out.toScheduler as never);
      for (const call of out.calls) encodeMessage(call);
      for (const { reply } of out.replies) encodeMessage((reply ?? null) as object);
    } catch (cause) {
      const { message } = cause as Error;
      const said = this.#latest.map((one) => new Map(one as Map<unknown, unknown>));
      throw new Error(`${message}\nafter ${JSON.stringify(said.map((one) => [...one]))}`, {
        cause,
      });
    }
    this.#owe(out);
    return out.left !== null;
  }

  #owe(out: Outbox): void {
    const random = this.#random;
    for (const order of out.exec) {
      if (order.type !== "execute") continue;
      const { orderId } = order;
      const outcome = random.pick([
        { type: "ok", nbytes: random.below(2e5), typename: "t", startMs: 1, stopMs: 2 } as const,
        { type: "returned" } as const,
        { type: "rescheduled" } as const,
      ]);
      this.#owed.push({ type: "executed", orderId, outcome });
    }
    for (const { fetchId, keys } of out.fetch) {
      const outcome = random.pick(["ok", "busy", "failed"] as const);
      const arrived = outcome === "ok" ? keys.filter(() => random.chance(0.8)) : [];
      const sizes = new Map(arrived.map((key) => [key, 100] as const));
      this.#owed.push({ type: "fetched", fetchId, outcome, arrived: sizes });
    }
    for (const order of out.store) this.#oweOfStore(order);
    if (out.calls.length > 0) this.#owed.push({ type: "heartbeat-answered", status: "OK" });
  }

  #oweOfStore(order: Outbox["store"][number]): void {
    const ok = this.#random.chance(0.9);
    if (order.type === "serve") this.#owed.push({ type: "served", requestId: order.requestId });
    else if (order.type === "load") this.#owed.push({ type: "loaded", key: order.key, ok });
    else if (order.type === "spill") {
      this.#owed.push({ type: "spilled", key: order.key, bytes: 10, ok });
    } else if (order.type === "drop") {
      // After a drop the store says nothing more of that key.
      this.#owed = this.#owed.filter((one) => !("key" in one) || one.key !== order.key);
    }
  }
}
