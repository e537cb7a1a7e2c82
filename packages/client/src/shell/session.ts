// The life of one client: its core, its records, its connection to the scheduler and the way back
// after that was lost. Public classes stand on this; it knows no user values.

import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { plaintextWarning, RpcPool, type RpcRequest, type Security } from "@acme/comm";
import {
  type ClientId,
  type ClientToScheduler,
  clientId,
  isAcmeError,
  type TaskKey,
  type WireValue,
} from "@acme/protocol";
import type { ClientOutbox, GatherOrder } from "../core/index.js";
import { ClientClosedError } from "../errors.js";
import { clientLimits } from "../limits.js";
import { SessionSources } from "../python/session-sources.js";
import { FutureRecord } from "./future-record.js";
import { GraphQueue } from "./graph-queue.js";
import { runGather } from "./run-gather.js";
import { SchedulerLink } from "./scheduler-link.js";
import { StepLoop } from "./step-loop.js";
import { WorkerPeers } from "./worker-peers.js";

/** One thing worth telling the user of a client. */
export interface ClientLogEntry {
  readonly level: "debug" | "info" | "warn";
  /** Stable name, such as `"reconnected"`. */
  readonly event: string;
  readonly message: string;
}

export interface SessionOptions {
  readonly address: string;
  readonly security?: Security | undefined;
  /** Whether values go straight to and from workers; default true. */
  readonly directToWorkers?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onLog?: ((entry: ClientLogEntry) => void) | undefined;
}

/** A request with any fields; those that are undefined are left out. */
export interface SchedulerCall {
  readonly op: string;
  readonly [field: string]: unknown;
}

export interface CallOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class Session {
  readonly id: ClientId = clientId(`Client-${randomUUID()}`);
  readonly address: string;
  readonly graphs: GraphQueue;
  /** Texts of Python functions. */
  readonly sources: SessionSources;
  /** Undefined if values go through the scheduler. */
  readonly workers: WorkerPeers | undefined;
  readonly #options: SessionOptions;
  /** Within a process bytes are handed over as they are. */
  readonly #sharesBytes: boolean;
  readonly #pool: RpcPool;
  readonly #loop: StepLoop;
  readonly #records = new Map<TaskKey, FutureRecord>();
  readonly #warned = new Set<string>();
  readonly #closing = new AbortController();
  #link: SchedulerLink | undefined;
  #lastLink = 0;
  #isDask = false;
  #closedBecause: string | undefined;

  private constructor(options: SessionOptions) {
    this.address = options.address;
    this.#options = options;
    this.#sharesBytes = options.address.startsWith("inproc:");
    this.#pool = new RpcPool({ security: options.security });
    if (options.directToWorkers !== false) this.workers = new WorkerPeers(options.security);
    this.#loop = new StepLoop(this.id, (out) => this.#carryOut(out));
    this.graphs = new GraphQueue(this.#loop, this);
    this.sources = new SessionSources(this);
  }

  /** @throws ConnectError, HandshakeError, TlsError, RegistrationError */
  static async open(options: SessionOptions): Promise<Session> {
    const session = new Session(options);
    const timeoutMs = options.timeoutMs ?? clientLimits.connectMs;
    try {
      await session.#register(timeoutMs, options.signal);
      const warning = plaintextWarning(options.address);
      if (warning !== undefined) session.#log("warn", "plaintext", warning);
      return session;
    } catch (error) {
      await session.close("it could not be opened");
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#closedBecause === undefined;
  }

  /** The scheduler is one of dask's own, which runs what Python can be told of. */
  get isDask(): boolean {
    return this.#isDask;
  }

  /** @throws ClientClosedError */
  assertOpen(): void {
    if (this.#closedBecause !== undefined) throw new ClientClosedError(this.#closedBecause);
  }

  /** A request to the scheduler. @throws RpcError, ConnectionClosedError, ClientClosedError, … */
  async call(request: SchedulerCall, options: CallOptions = {}): Promise<WireValue> {
    this.assertOpen();
    const given = Object.entries(request).filter(([, value]) => value !== undefined);
    return this.#pool.call(
      this.address,
      Object.fromEntries(given) as unknown as RpcRequest,
      options,
    );
  }

  adopt(key: TaskKey): FutureRecord {
    let record = this.#records.get(key);
    if (record === undefined || record.status === "cancelled") {
      record = new FutureRecord(key);
      this.#records.set(key, record);
    }
    record.handles += 1;
    return record;
  }

  isLive(key: TaskKey): boolean {
    const record = this.#records.get(key);
    return record !== undefined && record.status !== "cancelled";
  }

  /** Takes over keys that the scheduler made for this client (scatter). */
  desire(keys: readonly TaskKey[]): FutureRecord[] {
    const records = keys.map((key) => this.adopt(key));
    this.#loop.postKeys("desired", keys);
    return records;
  }

  release(record: FutureRecord): void {
    record.handles -= 1;
    this.#loop.postKeys("released", [record.key]);
    if (record.handles > 0) return;
    if (this.#records.get(record.key) === record) this.#records.delete(record.key);
    record.abandon();
  }

  /** Warns of the same thing only once, however many calls it concerns. */
  warnOnce(event: string, message: string): void {
    if (this.#warned.has(message) || this.#warned.size >= clientLimits.warnings) return;
    this.#warned.add(message);
    this.#log("warn", event, message);
  }

  /** Asks for the values of settled or pending records; their waiters are told. */
  want(records: readonly FutureRecord[]): void {
    this.#loop.postKeys(
      "wanted",
      records.map((record) => record.key),
    );
  }

  /** Something for the scheduler after all that was said before; for the next connection if need be. */
  say(message: ClientToScheduler): void {
    this.#loop.post({ type: "said", message });
  }

  cancel(keys: readonly TaskKey[], force: boolean): void {
    this.#loop.now({ type: "cancelled", keys, force });
  }

  /** Ends everything; pending futures are cancelled. Safe to call again. */
  async close(reason: string): Promise<void> {
    if (this.#closedBecause === undefined) {
      this.graphs.flush();
      this.#closedBecause = reason;
      this.#closing.abort(new ClientClosedError(reason));
      this.#loop.now({ type: "closed", reason });
      this.#loop.stop();
    }
    const link = this.#link;
    this.#link = undefined;
    await Promise.all([link?.close(), this.#pool.close(), this.workers?.close()]);
  }

  async #register(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    this.#lastLink += 1;
    const number = this.#lastLink;
    const link = await SchedulerLink.open({
      address: this.address,
      client: this.id,
      security: this.#options.security,
      timeoutMs,
      signal,
      onMessages: (messages) => {
        this.#loop.now({ type: "scheduler-messages", link: number, messages });
      },
      onWarning: (message) => this.warnOnce("versions-differ", message),
      onClose: (info, dismissed) => this.#lost(number, info.reason, dismissed),
    });
    if (!this.isOpen) return link.abort("the client was closed meanwhile");
    this.#link = link;
    this.#isDask = link.isDask;
    this.#loop.now({ type: "connected", link: number });
  }

  #lost(number: number, reason: string, dismissed: boolean): void {
    this.#loop.now({ type: "disconnected", link: number });
    this.#link = undefined;
    if (!this.isOpen) return;
    if (dismissed) {
      void this.close("the scheduler was closed");
      return;
    }
    this.#log("warn", "connection-lost", `lost ${this.address} (${reason}), trying again`);
    void this.#reconnect(reason);
  }

  async #reconnect(reason: string): Promise<void> {
    const { signal } = this.#closing;
    const untilMs = performance.now() + clientLimits.reconnectMs;
    let pauseMs: number = clientLimits.reconnectBackoffMs;
    while (this.isOpen && performance.now() < untilMs) {
      try {
        await this.#register(clientLimits.reconnectTryMs, signal);
        this.#log("info", "reconnected", `connected with ${this.address} again`);
        return;
      } catch (error) {
        if (!isAcmeError(error)) throw error;
        // Somebody who waits for a result keeps the process alive; nobody else does.
        const ref = this.#isAwaited();
        await delay(pauseMs, undefined, { signal, ref }).catch(() => {});
        pauseMs = Math.min(pauseMs * 2, clientLimits.reconnectBackoffMaxMs);
      }
    }
    if (this.isOpen) await this.close(`${this.address} is gone: ${reason}`);
  }

  #isAwaited(): boolean {
    for (const record of this.#records.values()) if (!record.isSettled) return true;
    return false;
  }

  #carryOut(out: ClientOutbox): void {
    if (out.toScheduler.length > 0) this.#link?.send(out.toScheduler);
    for (const order of out.gather) void this.#gather(order);
    for (const settled of out.settled) this.#records.get(settled.key)?.settle(settled);
    for (const delivered of out.values) {
      const message = delivered.value === null ? delivered.message : "";
      this.#records.get(delivered.key)?.deliver(delivered.value, message, this.#sharesBytes);
    }
    for (const entry of out.log) this.#log(entry.level, entry.event, entry.message);
  }

  async #gather(order: GatherOrder): Promise<void> {
    const event = await runGather(order, this.#pool, this.address, this.workers);
    this.#loop.post(event);
  }

  #log(level: ClientLogEntry["level"], event: string, message: string): void {
    this.#options.onLog?.({ level, event, message });
  }
}
