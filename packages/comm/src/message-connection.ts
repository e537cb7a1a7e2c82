// The one implementation of Connection over any transport: encodes, queues for the turn, bounds
// the queue, decodes batches, and keeps what nobody has read yet. It must not know sockets.
import {
  type AcmeError,
  assert,
  decodeMessage,
  encodeMessage,
  isAcmeError,
  LimitError,
  type WireValue,
} from "@acme/protocol";
import { ConnectionClosedError } from "./errors.js";
import { type CommLimits, commLimits } from "./limits.js";
import type { Frames, Transport, TransportSink } from "./transport.js";
import { type Flushable, flushAfterTurn } from "./turn.js";
import type { CloseInfo, CommOptions, Connection, ConnectionCounters, OnLog } from "./types.js";
import { Unread } from "./unread.js";

interface Reader {
  resolve(message: WireValue): void;
  reject(error: Error): void;
}

export class MessageConnection implements Connection, TransportSink, Flushable {
  readonly peerAddress: string;
  readonly localAddress: string;
  readonly closed: Promise<CloseInfo>;
  isAcmePeer = false;
  readonly #transport: Transport;
  readonly #limits: CommLimits;
  readonly #onLog: OnLog | undefined;
  readonly #counters = { bytesSent: 0, bytesReceived: 0, messagesSent: 0, messagesReceived: 0 };
  readonly #unread: Unread;
  #outgoing: Frames[] = [];
  #outgoingBytes = 0;
  #callback: ((messages: WireValue[]) => void) | undefined;
  #reader: Reader | undefined;
  #drainWaiters: (() => void)[] = [];
  #state: "open" | "closing" | "closed" = "open";
  #pausedByOwner = false;
  /** Received since the last complete message. */
  #partBytes = 0;
  #closeReason = "closed";
  #info: CloseInfo | undefined;
  #resolveClosed!: (info: CloseInfo) => void;

  constructor(transport: Transport, options: CommOptions = {}) {
    this.#transport = transport;
    this.#limits = { ...commLimits, ...options.limits };
    this.#onLog = options.onLog;
    this.#unread = new Unread(this.#limits);
    this.peerAddress = transport.peerAddress;
    this.localAddress = transport.localAddress;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    transport.start(this);
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  get counters(): ConnectionCounters {
    return this.#counters;
  }

  get writableLength(): number {
    return this.#outgoingBytes + this.#transport.writableLength;
  }

  get unreadCount(): number {
    return this.#unread.count;
  }

  send(message: WireValue | object): void {
    this.#assertOpen();
    this.sendEncoded(encodeMessage(message));
  }

  sendEncoded(frames: Frames): void {
    this.#queue(frames);
    if (this.#outgoing.length === 1) flushAfterTurn(this);
  }

  writeEncoded(frames: Frames): void {
    this.#queue(frames);
    this.flush();
  }

  flush(): void {
    if (this.#outgoing.length === 0 || this.#state === "closed") return;
    const messages = this.#outgoing;
    this.#outgoing = [];
    this.#outgoingBytes = 0;
    this.#counters.messagesSent += messages.length;
    this.#counters.bytesSent += this.#transport.write(messages);
    this.onDrain();
  }

  drained(): Promise<void> {
    if (this.#isDrained()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drainWaiters.push(resolve);
    });
  }

  onMessages(callback: (messages: WireValue[]) => void): void {
    assert(this.#reader === undefined, "onMessages while a read() is waiting");
    this.#callback = callback;
    // Not at once: the caller may not have finished constructing what the callback needs.
    if (this.#unread.count > 0) queueMicrotask(() => this.#deliverUnread());
  }

  read(): Promise<WireValue> {
    assert(this.#callback === undefined, "read() on a connection that delivers to a callback");
    assert(this.#reader === undefined, "read() while another read() is waiting");
    if (this.#unread.count > 0) {
      const message = this.#unread.take();
      this.#applyPause();
      return Promise.resolve(message);
    }
    if (this.#info !== undefined) return Promise.reject(this.#closedError());
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  pause(): void {
    this.#pausedByOwner = true;
    this.#applyPause();
  }

  resume(): void {
    this.#pausedByOwner = false;
    this.#applyPause();
  }

  close(options: { reason?: string | undefined } = {}): Promise<CloseInfo> {
    if (this.#state !== "open") return this.closed;
    this.flush();
    this.#state = "closing";
    this.#closeReason = options.reason ?? "closed";
    // A paused socket would never see the peer's end.
    this.#transport.resume();
    this.#transport.end(this.#closeReason, this.#limits.closeTimeoutMs);
    return this.closed;
  }

  abort(reason?: string): void {
    if (this.#state === "closed") return;
    this.#finish({ by: "us", reason: reason ?? this.#closeReason });
    this.#transport.destroy();
  }

  onFrames(messages: Frames[], bytes: number): void {
    this.#counters.bytesReceived += bytes;
    // After close() the rest is read only so that the peer's end can be seen.
    if (this.#state !== "open") return;
    this.#partBytes += bytes;
    if (messages.length === 0) return;
    this.#counters.messagesReceived += messages.length;
    const batch: WireValue[] = [];
    let error: unknown;
    try {
      for (const frames of messages) batch.push(decodeMessage(frames));
    } catch (caught) {
      error = caught;
    }
    const batchBytes = this.#partBytes;
    this.#partBytes = 0;
    if (batch.length > 0) this.#deliver(batch, batchBytes);
    if (error !== undefined) this.onBadBytes(error);
  }

  onDrain(): void {
    if (this.#drainWaiters.length > 0 && this.#isDrained()) this.#resolveDrained();
  }

  onBadBytes(error: unknown): void {
    if (!isAcmeError(error)) throw error;
    this.#fail(error, "bad-message", "sent something that is no message");
  }

  onEnding(): void {
    this.flush();
  }

  onEnd(error?: AcmeError): void {
    if (this.#state === "closing") this.#finish({ by: "us", reason: this.#closeReason });
    else if (error === undefined) this.#finish({ by: "peer", reason: "closed by the peer" });
    else this.#finish({ by: "error", reason: error.message, error });
  }

  #queue(frames: Frames): void {
    this.#assertOpen();
    const queued = this.writableLength;
    if (queued > this.#limits.queuedBytes) {
      const error = new LimitError("queuedBytes", queued, this.#limits.queuedBytes);
      this.#fail(error, "queue-full", "does not read what is sent to it");
      throw error;
    }
    for (const frame of frames) this.#outgoingBytes += frame.byteLength;
    this.#outgoing.push(frames);
  }

  #deliver(batch: WireValue[], bytes: number): void {
    if (this.#callback !== undefined && this.#unread.count === 0) {
      this.#callback(batch);
      return;
    }
    let rest = batch;
    if (this.#reader !== undefined) {
      const reader = this.#reader;
      this.#reader = undefined;
      reader.resolve(batch[0]!);
      rest = batch.slice(1);
    }
    if (rest.length === 0) return;
    this.#unread.add(rest, bytes);
    this.#applyPause();
  }

  #deliverUnread(): void {
    const messages = this.#unread.takeAll();
    this.#applyPause();
    if (messages.length > 0) this.#callback?.(messages);
  }

  #applyPause(): void {
    if (this.#state !== "open") return;
    if (this.#pausedByOwner || this.#unread.isFull) this.#transport.pause();
    else this.#transport.resume();
  }

  #isDrained(): boolean {
    return this.#state === "closed" || this.writableLength <= this.#limits.drainedBytes;
  }

  #resolveDrained(): void {
    const waiters = this.#drainWaiters;
    this.#drainWaiters = [];
    for (const resolve of waiters) resolve();
  }

  #fail(error: AcmeError, event: string, what: string): void {
    if (this.#state === "closed") return;
    const { peerAddress } = this;
    const message = `closed the connection with ${peerAddress}, which ${what}: ${error.message}`;
    this.#finish({ by: "error", reason: error.message, error });
    this.#transport.destroy();
    this.#onLog?.({ level: "warn", event, message, peerAddress, error });
  }

  #finish(info: CloseInfo): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#info = info;
    this.#outgoing = [];
    this.#outgoingBytes = 0;
    this.#resolveClosed(info);
    this.#resolveDrained();
    this.#reader?.reject(this.#closedError());
    this.#reader = undefined;
  }

  #assertOpen(): void {
    if (this.#state !== "open") throw this.#closedError();
  }

  #closedError(): ConnectionClosedError {
    const info = this.#info;
    const reason = info?.reason ?? this.#closeReason;
    return new ConnectionClosedError(this.peerAddress, reason, { cause: info?.error });
  }
}
