// The in-memory transport: both ends in this process. Messages are encoded and decoded as on any
// wire, but frames are handed over by reference, so payloads are shared and must not be changed.
import type { AcmeError } from "@acme/protocol";
import { ConnectError, ListenError } from "./errors.js";
import type { Frames, Transport, TransportSink } from "./transport.js";

type Accept = (transport: Transport) => void;

const listeners = new Map<string, Accept>();
let lastName = 0;

/**
 * Registers a name of this process.
 *
 * @param name - empty or "0" for a fresh one
 * @returns the name taken
 */
export function listenInproc(name: string, accept: Accept): string {
  lastName += 1;
  const taken = name === "" || name === "0" ? `${process.pid}-${lastName}` : name;
  const address = `inproc://${taken}`;
  if (listeners.has(taken)) throw new ListenError(address, "this name is taken in this process");
  listeners.set(taken, accept);
  return taken;
}

export function stopInproc(name: string): void {
  listeners.delete(name);
}

/** The near end of a new link; the far end has been given to the listener. */
export function connectInproc(name: string): Transport {
  const address = `inproc://${name}`;
  const accept = listeners.get(name);
  if (accept === undefined) {
    throw new ConnectError(address, "nobody in this process listens under that name");
  }
  lastName += 1;
  const near = new InprocTransport(`inproc://${process.pid}-${lastName}`, address);
  const far = new InprocTransport(address, near.localAddress);
  near.peer = far;
  far.peer = near;
  accept(far);
  return near;
}

class InprocTransport implements Transport {
  readonly localAddress: string;
  readonly peerAddress: string;
  peer: InprocTransport | undefined;
  #sink: TransportSink | undefined;
  #inbox: Frames[] = [];
  #inboxBytes = 0;
  #isPaused = false;
  #isScheduled = false;
  #isEnding = false;
  #isOver = false;

  constructor(localAddress: string, peerAddress: string) {
    this.localAddress = localAddress;
    this.peerAddress = peerAddress;
  }

  /** What the other end has not taken yet. */
  get writableLength(): number {
    return this.peer?.unreadBytes ?? 0;
  }

  get unreadBytes(): number {
    return this.#inboxBytes;
  }

  start(sink: TransportSink): void {
    this.#sink = sink;
    this.#schedule();
  }

  write(messages: readonly Frames[]): number {
    let bytes = 0;
    for (const frames of messages) for (const frame of frames) bytes += frame.byteLength;
    this.peer?.receive(messages, bytes);
    return bytes;
  }

  receive(messages: readonly Frames[], bytes: number): void {
    if (this.#isOver) return;
    for (const frames of messages) this.#inbox.push(frames);
    this.#inboxBytes += bytes;
    this.#schedule();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#schedule();
  }

  end(): void {
    this.peer?.endAfterInbox();
    this.#finish();
  }

  destroy(): void {
    this.end();
  }

  endAfterInbox(): void {
    this.#isEnding = true;
    this.#schedule();
  }

  /** Never at once: a peer must not run inside the sender's call. */
  #schedule(): void {
    if (this.#isScheduled || this.#isPaused || this.#sink === undefined || this.#isOver) return;
    if (this.#inbox.length === 0 && !this.#isEnding) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.#isPaused && !this.#isOver) this.#deliver();
    });
  }

  #deliver(): void {
    const messages = this.#inbox;
    const bytes = this.#inboxBytes;
    this.#inbox = [];
    this.#inboxBytes = 0;
    if (messages.length > 0) {
      this.#sink?.onFrames(messages, bytes);
      this.peer?.tellDrained();
    }
    if (this.#isEnding && this.#inbox.length === 0) this.#finish();
  }

  tellDrained(): void {
    if (!this.#isOver) this.#sink?.onDrain();
  }

  #finish(error?: AcmeError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#inbox = [];
    this.#inboxBytes = 0;
    setImmediate(() => this.#sink?.onEnd(error));
  }
}
