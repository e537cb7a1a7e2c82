// What the shell knows of one key: its status as the core last told it, and who waits. Several
// futures may share a record. A cancelled record is final: the key submitted again gets a new one.
import type { Serialized, TaskKey } from "@acme/protocol";
import type { FutureStatus, RemoteBytes, Settled } from "../core/index.js";

/** A value as it came. */
export interface DeliveredValue {
  readonly value: Serialized;
  /** Others were given the same bytes. */
  readonly isShared: boolean;
}

/** Waits for the value of a record; told once. */
export interface ValueWaiter {
  value(value: DeliveredValue): void;
  /** The record's status or `lostBecause` tells why. */
  failed(): void;
}

export class FutureRecord {
  readonly key: TaskKey;
  /** Futures that use it. */
  handles = 0;
  status: FutureStatus = "pending";
  failure: { exception: RemoteBytes; traceback: RemoteBytes | null } | null = null;
  cancelled: { reason: string; message: string } | null = null;
  /** Why its value could not be brought, when that was the last thing that happened. */
  lostBecause: string | null = null;
  #waiters: ValueWaiter[] = [];
  #watchers: Set<() => void> | null = null;

  constructor(key: TaskKey) {
    this.key = key;
  }

  /** True when nothing more will happen unless somebody asks for it. */
  get isSettled(): boolean {
    return this.status !== "pending" && this.status !== "lost";
  }

  /** @returns true if it is the first, so that the value must be asked for */
  addWaiter(waiter: ValueWaiter): boolean {
    return this.#waiters.push(waiter) === 1;
  }

  /** Calls back after each change of status; returns how to stop it. */
  watch(changed: () => void): () => void {
    this.#watchers ??= new Set();
    const watchers = this.#watchers;
    watchers.add(changed);
    return () => void watchers.delete(changed);
  }

  settle(settled: Settled): void {
    this.status = settled.status;
    this.failure = settled.status === "error" ? settled : null;
    if (settled.status === "cancelled") this.cancelled = settled;
    if (settled.status === "error" || settled.status === "cancelled") this.#failWaiters();
    if (this.#watchers !== null) for (const changed of [...this.#watchers]) changed();
  }

  /** @param isShared - the bytes are somebody else's as well */
  deliver(value: Serialized | null, message: string, isShared = false): void {
    this.lostBecause = value === null ? message : null;
    if (value === null) {
      this.#failWaiters();
      return;
    }
    const waiters = this.#takeWaiters();
    const delivered = { value, isShared: isShared || waiters.length > 1 };
    for (const waiter of waiters) waiter.value(delivered);
  }

  /** The last future was released: whoever still waits would wait for ever. */
  abandon(): void {
    if (this.status === "cancelled") return;
    this.settle({ key: this.key, status: "cancelled", reason: "released", message: "" });
  }

  #failWaiters(): void {
    for (const waiter of this.#takeWaiters()) waiter.failed();
  }

  #takeWaiters(): ValueWaiter[] {
    const waiters = this.#waiters;
    this.#waiters = [];
    return waiters;
  }
}
