// The worker's connection to its scheduler: registers, then a stream; connects again when it is
// lost, until it is closed. Numbers the connections; what a loss means, the core decides.
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect, type OnLog, type Security, Stream } from "@acme/comm";
import {
  AcmeError,
  acmeProtocol,
  isAcmeError,
  type SchedulerToWorker,
  schedulerToWorker,
  type WireMap,
  type WireValue,
  type WorkerToScheduler,
} from "@acme/protocol";
import type { WorkerEvent } from "../core/events.js";
import { shellLimits } from "./limits.js";

/** The scheduler answered, but does not want this worker. */
export class RegistrationError extends AcmeError {
  readonly code = "REGISTRATION_REFUSED";
}

/** There was no scheduler for as long as the worker was to wait for one. */
export class SchedulerLostError extends AcmeError {
  readonly code = "SCHEDULER_LOST";
}

/** What a worker has to know of its scheduler to introduce itself. */
export interface SchedulerKind {
  /** One of ours; dask's takes its own fields and no others. */
  readonly isAcme: boolean;
  /** Versions of the packages of a scheduler of dask's. */
  readonly packages: unknown;
}

export interface SchedulerLinkOptions {
  address: string;
  security?: Security | undefined;
  allocate?: ((bytes: number) => Uint8Array) | undefined;
  /** How long to look for the scheduler at the start; null: without end. */
  deathTimeoutMs: number | null;
  /** The `register-worker` request as of now. */
  registration: (scheduler: SchedulerKind) => object;
  onEvent: (event: WorkerEvent) => void;
  /** After each registration. */
  onRegistered: () => void;
  onLog: OnLog;
  /** The scheduler refuses this worker: it cannot go on. */
  onRefused: (error: RegistrationError) => void;
}

export class SchedulerLink {
  readonly #options: SchedulerLinkOptions;
  readonly #closed = new AbortController();
  #keepAlive: NodeJS.Timeout | undefined;
  #stream: Stream | undefined;
  #link = 0;

  constructor(options: SchedulerLinkOptions) {
    this.#options = options;
  }

  /**
   * Looks for the scheduler and registers.
   *
   * @throws RegistrationError, SchedulerLostError after the death timeout, ConnectError if closed
   *   meanwhile, and what makes every further try pointless
   */
  async start(): Promise<void> {
    await this.#untilRegistered(this.#options.deathTimeoutMs ?? Number.POSITIVE_INFINITY);
    const beat = () => this.#stream?.push({ op: "keep-alive" });
    this.#keepAlive = setInterval(beat, shellLimits.keepAliveMs).unref();
  }

  /** @param moreSoon - tasks have started, so nobody waits for what only says what was dropped */
  send(messages: readonly WorkerToScheduler[], moreSoon: boolean): void {
    const mayWait = moreSoon && messages.every(({ op }) => op === "release-worker-data");
    if (mayWait) this.#stream?.pushLate(messages);
    else this.#stream?.send(messages);
  }

  /** Drops the connection, which makes the worker register anew. */
  reconnect(): void {
    this.#stream?.connection.abort("the worker registers anew");
  }

  /** Sends what was pushed, then ends for good. */
  async close(reason: string): Promise<void> {
    this.#closed.abort();
    clearInterval(this.#keepAlive);
    await this.#stream?.close({ reason });
  }

  async #untilRegistered(giveUpMs: number): Promise<void> {
    const sinceMs = performance.now();
    let pauseMs: number = shellLimits.reconnectMinMs;
    let sayAtMs = sinceMs + shellLimits.firstWaitingMs;
    for (;;) {
      const leftMs = giveUpMs - (performance.now() - sinceMs);
      try {
        await this.#register(leftMs);
        return;
      } catch (error) {
        if (this.#closed.signal.aborted || !mayPass(error)) throw error;
        if (performance.now() - sinceMs + pauseMs >= giveUpMs) throw this.#lost(giveUpMs, error);
        if (performance.now() >= sayAtMs) {
          sayAtMs = performance.now() + shellLimits.stillWaitingMs;
          this.#log("no-scheduler", `waiting for the scheduler: ${error.message}`);
        }
      }
      await sleep(pauseMs, undefined, { signal: this.#closed.signal });
      pauseMs = Math.min(pauseMs * 2, shellLimits.reconnectMaxMs);
    }
  }

  #lost(waitedMs: number, cause: AcmeError): SchedulerLostError {
    return new SchedulerLostError(
      `No scheduler at ${this.#options.address} for ${waitedMs / 1000} s: ${cause.message}`,
      { cause },
    );
  }

  async #register(withinMs: number): Promise<void> {
    const { address, security, allocate, onLog } = this.#options;
    const { signal } = this.#closed;
    const timeoutMs = Math.min(shellLimits.registerTimeoutMs, Math.max(withinMs, 1));
    const connection = await connect(address, { security, allocate, onLog, signal, timeoutMs });
    const stop = () => connection.abort("the worker ends");
    signal.addEventListener("abort", stop, { once: true });
    try {
      const kind = await kindOf(connection, timeoutMs);
      connection.send(this.#options.registration(kind));
      const reply = await answerWithin(connection, timeoutMs);
      this.#open(connection, accepted(reply, address));
    } catch (error) {
      connection.abort("the registration failed");
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  #open(connection: Connection, reply: WireMap): void {
    this.#link += 1;
    const link = this.#link;
    const seconds = reply.get("heartbeat-interval");
    const warning = reply.get("warning");
    if (typeof warning === "string") this.#log("versions-differ", warning);
    this.#stream = new Stream(connection, {
      onBatch: (batch) => this.#receive(link, batch),
      onClose: ({ reason }) => {
        this.#options.onEvent({ type: "disconnected", link, reason });
        if (!this.#closed.signal.aborted) void this.#comeBack();
      },
      onLog: this.#options.onLog,
    });
    this.#options.onEvent({
      type: "connected",
      link,
      acme: reply.get("acme") === acmeProtocol,
      heartbeatIntervalMs: typeof seconds === "number" ? seconds * 1000 : 1000,
    });
    this.#options.onRegistered();
  }

  /** How long to go on trying is the core's decision, which closes this then. */
  async #comeBack(): Promise<void> {
    try {
      await sleep(shellLimits.reconnectMinMs, undefined, { signal: this.#closed.signal });
      await this.#untilRegistered(Number.POSITIVE_INFINITY);
    } catch (error) {
      if (this.#closed.signal.aborted) return;
      if (!isAcmeError(error)) throw error;
      this.#options.onRefused(
        error instanceof RegistrationError
          ? error
          : new RegistrationError(error.message, { cause: error }),
      );
    }
  }

  #receive(link: number, batch: readonly WireMap[]): void {
    const messages: SchedulerToWorker[] = [];
    try {
      for (const map of batch) {
        const message = schedulerToWorker.read(map);
        if (message.op !== null) messages.push(message);
        else this.#log("unknown-op", `ignored unknown op ${JSON.stringify(message.name)}`);
      }
    } catch (error) {
      if (!isAcmeError(error)) throw error;
      this.#log("bad-message", `cannot read what the scheduler sent: ${error.message}`);
      this.reconnect();
      return;
    }
    if (messages.length > 0) this.#options.onEvent({ type: "scheduler-messages", link, messages });
  }

  #log(event: string, message: string): void {
    const peerAddress = this.#options.address;
    this.#options.onLog({ level: "warn", event, message, peerAddress });
  }
}

/** Asks a scheduler of dask's what it will compare; ours needs no question. */
async function kindOf(connection: Connection, timeoutMs: number): Promise<SchedulerKind> {
  if (connection.isAcmePeer) return { isAcme: true, packages: undefined };
  connection.send({ op: "versions", reply: true });
  const versions = await answerWithin(connection, timeoutMs);
  return {
    isAcme: false,
    packages: versions instanceof Map ? (versions.get("packages") as unknown) : undefined,
  };
}

/** Failures that another try may not meet: nobody there yet, or gone in between. */
function mayPass(error: unknown): error is AcmeError {
  return (
    isAcmeError(error, "CONNECT_FAILED") ||
    isAcmeError(error, "HANDSHAKE_FAILED") ||
    isAcmeError(error, "CONNECTION_CLOSED")
  );
}

async function answerWithin(connection: Connection, timeoutMs: number): Promise<WireValue> {
  const timer = setTimeout(() => connection.abort("no answer to the registration"), timeoutMs);
  try {
    return await connection.read();
  } finally {
    clearTimeout(timer);
  }
}

function accepted(reply: WireValue, address: string): WireMap {
  if (reply instanceof Map && reply.get("status") === "OK") return reply;
  const message = reply instanceof Map ? reply.get("message") : undefined;
  const why = typeof message === "string" ? message : "it gave no reason";
  throw new RegistrationError(`The scheduler at ${address} refused this worker: ${why}`);
}
