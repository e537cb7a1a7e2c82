// The values of a simulated worker: in memory or on a disk that takes its time and may be full.
// Does what the real store does with the core's orders, and complains when an order makes no sense.
import type { Serialized, TaskKey } from "@acme/protocol";
import type { Outbox, WorkerEvent } from "@acme/worker/core";
import { unpackValue } from "./payload.js";
import type { Random } from "./random.js";
import type { SimProcess } from "./sim-process.js";

type StoreOrder = Outbox["store"][number];
type ValueSource = Extract<StoreOrder, { type: "keep" }>["source"];

interface Entry {
  value: Serialized;
  place: "memory" | "disk";
  /** Also while it is in memory again. */
  inFile: boolean;
}

export interface FakeStoreOptions {
  process: SimProcess;
  random: Random;
  takeResult: (orderId: number) => Serialized | undefined;
  onEvent: (event: WorkerEvent) => void;
  serve: (requestId: number, values: Map<TaskKey, Serialized>) => void;
  /** Whether writing fails at present. */
  isDiskFull: () => boolean;
}

/** Part of all spilled values that cannot be read back. */
const unreadable = 0.02;

export class FakeStore {
  readonly #options: FakeStoreOptions;
  readonly #entries = new Map<TaskKey, Entry>();
  readonly #arrived = new Map<string, ReadonlyMap<TaskKey, Serialized>>();

  constructor(options: FakeStoreOptions) {
    this.#options = options;
  }

  get keys(): TaskKey[] {
    return [...this.#entries.keys()];
  }

  /** Bytes that the values in memory pretend to have. */
  get memoryBytes(): number {
    let sum = 0;
    for (const { value, place } of this.#entries.values()) {
      if (place === "memory") sum += unpackValue(value).nbytes;
    }
    return sum;
  }

  get(key: TaskKey): Serialized | undefined {
    const entry = this.#entries.get(key);
    return entry?.place === "memory" ? entry.value : undefined;
  }

  offer(source: ValueSource, id: number, values: ReadonlyMap<TaskKey, Serialized>): void {
    this.#arrived.set(`${source}:${id}`, values);
  }

  settle(source: ValueSource, id: number): void {
    this.#arrived.delete(`${source}:${id}`);
  }

  apply(orders: readonly StoreOrder[]): void {
    for (const order of orders) {
      if (order.type === "keep") this.#keep(order.key, order.source, order.id);
      else if (order.type === "drop") this.#entries.delete(order.key);
      else if (order.type === "serve") this.#serve(order.requestId, order.keys);
      else if (order.type === "spill") this.#spill(order.key);
      else if (order.type === "load") this.#load(order.key);
      else this.#unload(order.key);
    }
  }

  #keep(key: TaskKey, source: ValueSource, id: number): void {
    const value =
      source === "order"
        ? this.#options.takeResult(id)
        : this.#arrived.get(`${source}:${id}`)?.get(key);
    if (value === undefined) throw new Error(`no value of ${key} waits under ${source} ${id}`);
    this.#entries.set(key, { value, place: "memory", inFile: false });
  }

  #serve(requestId: number, keys: readonly TaskKey[]): void {
    const values = new Map<TaskKey, Serialized>();
    for (const key of keys) {
      const value = this.get(key);
      if (value === undefined) throw new Error(`${key} is to be served but not in memory`);
      values.set(key, value);
    }
    this.#options.serve(requestId, values);
  }

  #spill(key: TaskKey): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) throw new Error(`${key} is to be spilled but not here`);
    const { process, random, isDiskFull, onEvent } = this.#options;
    process.after(random.skewed(0.1, 30), () => {
      if (this.#entries.get(key) !== entry) return;
      const ok = !isDiskFull();
      if (ok) {
        entry.place = "disk";
        entry.inFile = true;
      }
      onEvent({ type: "spilled", key, bytes: ok ? unpackValue(entry.value).nbytes : 0, ok });
    });
  }

  #unload(key: TaskKey): void {
    const entry = this.#entries.get(key);
    if (entry?.inFile !== true) throw new Error(`${key} is to leave memory and is in no file`);
    entry.place = "disk";
  }

  #load(key: TaskKey): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) throw new Error(`${key} is to be loaded but not here`);
    const { process, random, onEvent } = this.#options;
    process.after(random.skewed(0.1, 30), () => {
      if (this.#entries.get(key) !== entry) return;
      const ok = !random.chance(unreadable);
      if (ok) entry.place = "memory";
      onEvent({ type: "loaded", key, ok });
    });
  }
}
