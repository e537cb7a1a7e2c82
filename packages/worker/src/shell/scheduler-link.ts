// The worker's connection to its scheduler: registers, then a stream; connects again when it is
// lost, until it is closed. Numbers the connections; what a loss means, the core decides.
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect, type OnLog, type Security, Stream } from "@acme/comm";
import {
  AcmeError,
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

export interface SchedulerLinkOptions {
  address: string;
  security?: Security | undefined;
  allocate?: ((bytes: number) => Uint8Array) | undefined;
  /** The `register-worker` request as of now. */
  registration: () => object;
  onEvent: (event: WorkerEvent) => void;
  onLog: OnLog;
  /** The scheduler refuses this worker: it cannot go on. */
  onRefused: (error: RegistrationError) => void;
}

export class SchedulerLink {
  readonly #options: SchedulerLinkOptions;
  readonly #closed = new AbortController();
  #stream: Stream | undefined;
  #link = 0;

  constructor(options: SchedulerLinkOptions) {
    this.#options = options;
  }

  /** Registers; resolves when the first registration is done. @throws what connecting throws */
  async start(): Promise<void> {
    await this.#register();
    setInterval(() => this.#stream?.push({ op: "keep-alive" }), shellLimits.keepAliveMs).unref();
  }

  send(messages: readonly WorkerToScheduler[]): void {
    if (messages.length === 0) return;
    this.#stream?.pushAll(messages);
    this.#stream?.flush();
  }

  /** Drops the connection, which makes the worker register anew. */
  reconnect(): void {
    this.#stream?.connection.abort("the worker registers anew");
  }

  /** Sends what was pushed, then ends for good. */
  async close(reason: string): Promise<void> {
    this.#closed.abort();
    await this.#stream?.close({ reason });
  }

  async #register(): Promise<void> {
    const { address, security, allocate, onLog } = this.#options;
    const { signal } = this.#closed;
    const connection = await connect(address, { security, allocate, onLog, signal });
    try {
      connection.send(this.#options.registration());
      const reply = await answerWithin(connection, shellLimits.registerTimeoutMs);
      this.#open(connection, accepted(reply, address));
    } catch (error) {
      connection.abort("the registration failed");
      throw error;
    }
  }

  #open(connection: Connection, reply: WireMap): void {
    this.#link += 1;
    const link = this.#link;
    const seconds = reply.get("heartbeat-interval");
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
      acme: reply.get("acme") === 1,
      heartbeatIntervalMs: typeof seconds === "number" ? seconds * 1000 : 1000,
    });
  }

  async #comeBack(): Promise<void> {
    let pauseMs: number = shellLimits.reconnectMinMs;
    while (!this.#closed.signal.aborted) {
      try {
        await sleep(pauseMs, undefined, { signal: this.#closed.signal });
        await this.#register();
        return;
      } catch (error) {
        if (error instanceof RegistrationError) return this.#options.onRefused(error);
        pauseMs = Math.min(pauseMs * 2, shellLimits.reconnectMaxMs);
      }
    }
  }

  #receive(link: number, batch: readonly WireMap[]): void {
    const messages: SchedulerToWorker[] = [];
    try {
      for (const map of batch) {
        const message = schedulerToWorker.read(map);
        if (message.op !== null) messages.push(message);
        else this.#logUnknown(message.name);
      }
    } catch (error) {
      if (!(error instanceof AcmeError)) throw error;
      this.#log(
        "bad-message",
        `the scheduler sent a message that cannot be read: ${error.message}`,
      );
      this.reconnect();
      return;
    }
    if (messages.length > 0) this.#options.onEvent({ type: "scheduler-messages", link, messages });
  }

  #logUnknown(op: string): void {
    this.#log("unknown-op", `ignored unknown op ${JSON.stringify(op)} from the scheduler`);
  }

  #log(event: string, message: string): void {
    const peerAddress = this.#options.address;
    this.#options.onLog({ level: "warn", event, message, peerAddress });
  }
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
