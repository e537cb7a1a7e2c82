// Which connections a pool keeps and who gets the next one: idle ones by address, a bound on all,
// and a first-in-first-out queue when the bound is reached. It must not know calls.
import { LimitError } from "@acme/protocol";
import type { CallDeadline } from "./call-deadline.js";
import { ConnectionClosedError } from "./errors.js";
import type { CommLimits } from "./limits.js";
import type { Connection } from "./types.js";

/** A kept connection, or the permission to make one. */
export type Slot = Connection | "may-connect";

interface Waiter {
  address: string;
  resolve(slot: Slot): void;
  reject(error: Error): void;
}

export class PoolSlots {
  readonly #limits: CommLimits;
  /** All kept connections with the address they were made for, oldest use first. */
  readonly #members = new Map<Connection, string>();
  readonly #idle = new Map<string, Connection[]>();
  readonly #waiters = new Set<Waiter>();
  /** Members plus permissions given out. */
  #taken = 0;
  #isClosed = false;

  constructor(limits: CommLimits) {
    this.#limits = limits;
  }

  /** Connections that exist or are being made. */
  get taken(): number {
    return this.#taken;
  }

  /** A connection for the address, or the permission to make one, as soon as there is room. */
  take(address: string, deadline: CallDeadline): Slot | Promise<Slot> {
    if (this.#isClosed) throw new ConnectionClosedError(address, "the rpc pool is closed");
    const kept = this.#takeIdle(address);
    if (kept !== undefined) return kept;
    if (this.#taken >= this.#limits.poolConnections && !this.#evictIdle()) {
      return this.#wait(address, deadline);
    }
    this.#taken += 1;
    return "may-connect";
  }

  /** A permission was used: the connection is kept from now on until it ends. */
  connected(connection: Connection, address: string): void {
    this.#members.set(connection, address);
    void connection.closed.then(() => this.#remove(connection));
    if (this.#isClosed) connection.abort("the rpc pool is closed");
  }

  /** A permission was not used. */
  connectFailed(): void {
    this.#passOn();
  }

  /** The call is over and its connection clean. */
  release(connection: Connection): void {
    const address = this.#members.get(connection);
    if (address === undefined || !connection.isOpen) return;
    if (connection.unreadCount > 0) {
      connection.abort("the peer sent more than the reply");
      return;
    }
    const waiter = this.#nextWaiter();
    if (waiter?.address === address) {
      waiter.resolve(connection);
      return;
    }
    if (waiter !== undefined) {
      this.#members.delete(connection);
      void connection.close({ reason: "the rpc pool needs its place" });
      waiter.resolve("may-connect");
      return;
    }
    const idle = this.#idle.get(address);
    if (idle === undefined) this.#idle.set(address, [connection]);
    else idle.push(connection);
  }

  /** Ends every connection with the address, also those in a call. */
  forget(address: string, reason: string): void {
    for (const [connection, of] of this.#members) if (of === address) connection.abort(reason);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const waiter of this.#waiters) {
      waiter.reject(new ConnectionClosedError(waiter.address, "the rpc pool is closed"));
    }
    this.#waiters.clear();
    const idle = [...this.#idle.values()].flat();
    const ends = idle.map((connection) => connection.close({ reason: "the rpc pool is closed" }));
    for (const connection of this.#members.keys()) {
      if (!idle.includes(connection)) connection.abort("the rpc pool is closed");
    }
    await Promise.all(ends);
  }

  #wait(address: string, deadline: CallDeadline): Promise<Slot> {
    if (this.#waiters.size >= this.#limits.poolWaiting) {
      throw new LimitError("poolWaiting", this.#waiters.size + 1, this.#limits.poolWaiting);
    }
    return new Promise((resolve, reject) => {
      const waiter = { address, resolve, reject };
      this.#waiters.add(waiter);
      deadline.stops((error) => {
        if (this.#waiters.delete(waiter)) reject(error);
      });
    });
  }

  #takeIdle(address: string): Connection | undefined {
    const idle = this.#idle.get(address) ?? [];
    for (let kept = idle.pop(); kept !== undefined; kept = idle.pop()) {
      if (kept.unreadCount === 0 && kept.isOpen) return kept;
      kept.abort("the peer sent something that nobody asked for");
    }
    return undefined;
  }

  #nextWaiter(): Waiter | undefined {
    for (const waiter of this.#waiters) {
      this.#waiters.delete(waiter);
      return waiter;
    }
    return undefined;
  }

  #evictIdle(): boolean {
    for (const [address, idle] of this.#idle) {
      const connection = idle.shift();
      if (idle.length === 0) this.#idle.delete(address);
      if (connection === undefined) continue;
      this.#members.delete(connection);
      this.#taken -= 1;
      void connection.close({ reason: "the rpc pool needs its place" });
      return true;
    }
    return false;
  }

  #remove(connection: Connection): void {
    const address = this.#members.get(connection);
    if (address === undefined) return;
    this.#members.delete(connection);
    const rest = this.#idle.get(address)?.filter((other) => other !== connection) ?? [];
    if (rest.length === 0) this.#idle.delete(address);
    else this.#idle.set(address, rest);
    this.#passOn();
  }

  #passOn(): void {
    const waiter = this.#nextWaiter();
    if (waiter !== undefined) waiter.resolve("may-connect");
    else this.#taken -= 1;
  }
}
