// A connection after registration: op-maps both ways without replies, in arrays of one turn. Each
// message is encoded once, when it is pushed, so that a message that cannot travel throws where
// it was made.
import { encodeMessage, isAcmeError, type WireMap, type WireValue } from "@acme/protocol";
import { commLimits } from "./limits.js";
import { StreamBatch } from "./stream-batch.js";
import { type Flushable, flushAfterTurn } from "./turn.js";
import type { CloseInfo, Connection, OnLog } from "./types.js";

export interface StreamOptions {
  /**
   * Gets all messages that one chunk from the network completed, in order; never none. A
   * `close-stream` is the last of its batch, and the stream is over then.
   */
  onBatch: (messages: WireMap[]) => void;
  /** The peer said `close-stream`, or the connection ended; called once, after the last batch. */
  onClose?: ((info: CloseInfo) => void) | undefined;
  onLog?: OnLog | undefined;
}

/**
 * Makes a stream of a connection that finished its registration.
 *
 * @example
 * ```ts
 * const stream = new Stream(connection, { onBatch: (messages) => core.received(messages) });
 * stream.push({ op: "keep-alive" });
 * await stream.close();
 * ```
 */
export class Stream implements Flushable {
  readonly connection: Connection;
  readonly #options: StreamOptions;
  #pending = new StreamBatch();
  /** Set when the peer ended the stream with `close-stream`, before its connection ends. */
  #peerEnd: CloseInfo | undefined;
  #ended = false;
  /** What is pending leaves at the end of this turn. */
  #isTurnOpen = false;
  #lateTimer: NodeJS.Timeout | undefined;

  constructor(connection: Connection, options: StreamOptions) {
    this.connection = connection;
    this.#options = options;
    connection.onMessages((messages) => this.#receive(messages));
    void connection.closed.then((info) => {
      this.#ended = true;
      this.#options.onClose?.(this.#peerEnd ?? info);
    });
  }

  /** True while messages can be pushed. */
  get isOpen(): boolean {
    return !this.#ended && this.connection.isOpen;
  }

  /** Bytes pushed that the operating system has not taken yet. */
  get writableLength(): number {
    return this.connection.writableLength + this.#pending.bytes;
  }

  /** Resolves when few bytes are queued, or the stream is over. */
  drained(): Promise<void> {
    this.flush();
    return this.connection.drained();
  }

  /**
   * Adds one message to the array of this turn. On a stream that is over it does nothing: `onClose`
   * tells.
   *
   * @throws WireFormatError if the message has no wire form; nothing is queued then
   */
  push(message: WireValue | object): void {
    if (!this.isOpen) return;
    this.#queue(encodeMessage(message));
  }

  /** Adds messages of one batch; encodes all of them or throws and queues none. */
  pushAll(messages: readonly (WireValue | object)[]): void {
    if (!this.isOpen || messages.length === 0) return;
    this.pushEncoded(encodeMessage(messages as readonly WireValue[]), messages.length);
  }

  /** Sends messages now, behind what was pushed; all of them, or throws and sends none. */
  send(messages: readonly (WireValue | object)[]): void {
    if (!this.isOpen || messages.length === 0) return;
    this.#add(encodeMessage(messages as readonly WireValue[]), messages.length);
    this.flush();
  }

  /** Adds messages that nobody waits for: they leave with the next ones, or a moment later. */
  pushLate(messages: readonly (WireValue | object)[]): void {
    if (!this.isOpen || messages.length === 0) return;
    this.#add(encodeMessage(messages as readonly WireValue[]), messages.length);
    // Kept when they have left before: another would be one more reason to wake up for nothing.
    this.#lateTimer ??= setTimeout(() => {
      this.#lateTimer = undefined;
      this.flush();
    }, commLimits.lateMs).unref();
  }

  /**
   * Adds an array message that was encoded once for many streams.
   *
   * @param frames - of `encodeMessage([...])`
   * @param count - messages in that array
   */
  pushEncoded(frames: readonly Uint8Array[], count: number): void {
    if (!this.isOpen || count === 0) return;
    this.#startTurn();
    this.#add(frames, count);
  }

  /** Sends this turn's messages now: who knows that it is over need not wait for its end. */
  flush(): void {
    this.#isTurnOpen = false;
    if (this.#pending.count === 0) return;
    const frames = this.#pending.takeFrames();
    this.#hand(() => this.connection.writeEncoded(frames));
  }

  /** Says `close-stream` and ends the connection after everything pushed has left. */
  close(options: { reason?: string | undefined } = {}): Promise<CloseInfo> {
    this.push({ op: "close-stream" });
    this.flush();
    return this.connection.close(options);
  }

  #add(frames: readonly Uint8Array[], count: number): void {
    if (this.#pending.addArray(frames, count)) return;
    this.#sendPending();
    this.#pending.addArray(frames, count);
  }

  #queue(frames: Uint8Array[]): void {
    this.#startTurn();
    if (!this.#pending.add(frames)) {
      this.#sendPending();
      this.#pending.add(frames);
    }
  }

  #startTurn(): void {
    if (this.#isTurnOpen) return;
    this.#isTurnOpen = true;
    flushAfterTurn(this);
  }

  #sendPending(): void {
    const frames = this.#pending.takeFrames();
    this.#hand(() => this.connection.sendEncoded(frames));
  }

  #hand(send: () => void): void {
    if (!this.connection.isOpen) return;
    try {
      send();
    } catch (error) {
      // The queue is full: the connection closed itself and `closed` carries this very error.
      if (!isAcmeError(error, "LIMIT_EXCEEDED")) throw error;
    }
  }

  #receive(messages: WireValue[]): void {
    const batch: WireMap[] = [];
    let end: Ending | undefined;
    for (const message of messages) {
      end = collect(message, batch);
      if (end !== undefined) break;
    }
    if (this.#ended) return;
    if (batch.length > 0) this.#options.onBatch(batch);
    if (end === "close-stream") this.#endByPeer();
    else if (end === "odd") this.#endOdd();
  }

  #endByPeer(): void {
    this.#ended = true;
    this.#peerEnd = { by: "peer", reason: "the peer closed the stream" };
    void this.connection.close({ reason: this.#peerEnd.reason });
  }

  #endOdd(): void {
    const { peerAddress } = this.connection;
    const reason = "the stream carried something that is no map with an op";
    this.#ended = true;
    this.connection.abort(reason);
    const message = `closed the stream with ${peerAddress}: ${reason}`;
    this.#options.onLog?.({ level: "warn", event: "odd-message", message, peerAddress });
  }
}

type Ending = "close-stream" | "odd";

/** Adds the op-maps of one message. A bare "OK" ends its array, as dask's peers have it. */
function collect(message: WireValue, batch: WireMap[]): Ending | undefined {
  const items: readonly WireValue[] = Array.isArray(message) ? message : [message];
  for (const item of items) {
    if (item === "OK") return undefined;
    if (!(item instanceof Map)) return "odd";
    const op = item.get("op");
    if (typeof op !== "string") return "odd";
    batch.push(item);
    if (op === "close-stream") return op;
  }
  return undefined;
}
