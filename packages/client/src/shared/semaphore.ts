// Leases that all clients of a cluster share, Python's too. The scheduler gives them and takes them
// back from who is gone; here they are asked for, confirmed from time to time, and given back.
import { randomUUID } from "node:crypto";
import type { Client } from "../client.js";
import { FutureUseError } from "../errors.js";
import { clientLimits } from "../limits.js";
import type { WaitOptions } from "../shell/limited.js";
import { Shared } from "./shared-values.js";

export interface SemaphoreOptions {
  /** How many may hold a lease at once; the same for all who give the name. Default 1. */
  readonly leases?: number | undefined;
  /** After so many milliseconds without a word of its client a lease is lost. Default 30 000. */
  readonly leaseTimeoutMs?: number | undefined;
}

/**
 * So many leases by name, for all clients of a cluster, `distributed.Semaphore` of Python included.
 * A lease is confirmed while its client lives; that of a client that is gone goes to the next.
 *
 * @example
 * ```ts
 * const database = new Semaphore("database", client, { leases: 2 });
 * await database.use(async () => "two of these run at once");
 * ```
 */
export class Semaphore extends Shared {
  readonly #leases: string[] = [];
  readonly #max: number;
  readonly #leaseTimeoutMs: number;
  #registered: Promise<unknown> | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param name - whoever gives the same name shares the leases; default: a new one
   * @param client - default: the current client
   * @throws NoClusterError if there is none
   */
  constructor(name?: string, client?: Client, options: SemaphoreOptions = {}) {
    super("Semaphore", name, client);
    this.#max = options.leases ?? 1;
    this.#leaseTimeoutMs = options.leaseTimeoutMs ?? clientLimits.leaseTimeoutMs;
  }

  /**
   * Waits for a lease; false if there was none in time.
   *
   * @throws RpcError if the name is known with another number of leases, the signal's reason
   */
  async acquire(options: WaitOptions = {}): Promise<boolean> {
    const lease_timeout = this.#leaseTimeoutMs / 1000;
    const first = { op: "semaphore_register", max_leases: this.#max, lease_timeout };
    this.#registered ??= this.ask(first);
    await this.#registered;
    const lease_id = randomUUID().replaceAll("-", "");
    if ((await this.ask({ op: "semaphore_acquire", lease_id }, options)) !== true) return false;
    this.#leases.push(lease_id);
    this.#timer ??= setInterval(() => void this.#confirm(), this.#leaseTimeoutMs / 5);
    this.#timer.unref();
    return true;
  }

  /** Gives the oldest lease of this object back. @throws FutureUseError if it has none */
  async release(): Promise<void> {
    const lease_id = this.#leases.shift();
    if (lease_id === undefined) {
      throw new FutureUseError(`${this.name} was released more often than it was acquired`);
    }
    if (this.#leases.length === 0) this.#stop();
    await this.ask({ op: "semaphore_release", lease_id });
  }

  /** Runs something while it holds a lease. @throws WaitTimeoutError, and what `work` throws */
  async use<R>(work: () => R | Promise<R>, options: Pick<WaitOptions, "signal"> = {}): Promise<R> {
    await this.acquire(options);
    try {
      return await work();
    } finally {
      await this.release();
    }
  }

  /** Leases that are held by anybody. */
  async value(): Promise<number> {
    return Number(await this.ask({ op: "semaphore_value" }));
  }

  /** Forgets it for everybody; leases that are held are void. */
  async close(): Promise<void> {
    this.#leases.length = 0;
    this.#registered = undefined;
    this.#stop();
    await this.ask({ op: "semaphore_close" });
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #confirm(): Promise<void> {
    const lease_ids = [...this.#leases];
    try {
      await this.ask({ op: "semaphore_refresh_leases", lease_ids });
    } catch {
      // The next one may come through; if none does the leases are lost, and that is right.
      if (!this.session.isOpen) this.#stop();
    }
  }
}

/**
 * A lock by name, for all clients of a cluster, `distributed.Lock` of Python included: a semaphore
 * of one lease.
 *
 * @example
 * ```ts
 * const lock = new Lock("report.csv", client);
 * await lock.use(async () => "nobody else writes now");
 * ```
 */
export class Lock extends Semaphore {
  /**
   * @param name - whoever gives the same name shares the lock; default: a new one
   * @param client - default: the current client
   * @throws NoClusterError if there is none
   */
  constructor(name?: string, client?: Client) {
    super(name, client);
  }

  /** Whether anybody holds it. */
  async locked(): Promise<boolean> {
    return (await this.value()) > 0;
  }
}
