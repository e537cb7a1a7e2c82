// Bytes of one socket to messages. A socket reads straight into the payload frame being filled
// (node's `onread`); one that cannot delivers chunks, which costs a copy and memory for each.
import type { Socket } from "node:net";
import { FrameParser, isAcmeError, type WireFormatError } from "@acme/protocol";
import { TlsExpectedError } from "./errors.js";
import { readInPlace } from "./read-in-place.js";
import { isTlsAlert } from "./tls-errors.js";
import type { Frames, TransportSink } from "./transport.js";
import type { CommOptions } from "./types.js";

/** As much as node reads at once by itself. */
const scratchBytes = 64 * 2 ** 10;
/** For all sockets of a thread: what was read is parsed before anything else is read. */
let commonScratch: Buffer | undefined;
/** Windows fills buffers that node has handed over while it does other things. */
const readsInBackground = process.platform === "win32";

export class SocketReader {
  /** For the options of an outgoing socket. */
  readonly onread: {
    readonly buffer: () => Uint8Array;
    readonly callback: (bytes: number, buffer: Uint8Array) => boolean;
  };
  readonly #parser: FrameParser;
  #messages: Frames[] = [];
  #sink: TransportSink | undefined;
  #usesOnread = false;
  #readsToFrame = false;
  #paused = false;
  /** Nothing has arrived yet. */
  #isFresh = true;

  constructor(options: CommOptions) {
    const { allocate, wireLimits: limits } = options;
    const onMessage = (frames: Frames): void => void this.#messages.push(frames);
    this.#parser = new FrameParser({ onMessage, allocate, limits });
    this.onread = {
      buffer: () => this.#nextBuffer(),
      callback: (bytes, buffer) => this.#onRead(bytes, buffer),
    };
  }

  /** Delivers to the sink from now on. */
  start(socket: Socket, sink: TransportSink): void {
    this.#sink = sink;
    if (this.#usesOnread || readInPlace(socket, this.onread)) return;
    socket.on("data", (chunk: Buffer) => this.#push(chunk));
  }

  pause(socket: Socket): void {
    this.#paused = true;
    socket.pause();
  }

  resume(socket: Socket): void {
    this.#paused = false;
    socket.resume();
  }

  /** The bytes have ended; the error if they ended inside a message. */
  end(): WireFormatError | undefined {
    try {
      this.#parser.end();
    } catch (error) {
      if (isAcmeError(error, "WIRE_FORMAT")) return error as WireFormatError;
      throw error;
    }
    return undefined;
  }

  #nextBuffer(): Uint8Array {
    this.#usesOnread = true;
    const frame = this.#parser.want();
    this.#readsToFrame = frame !== undefined;
    return frame ?? this.#scratch();
  }

  /** Where bytes are read while no large frame is under way. */
  #scratch(): Uint8Array {
    if (readsInBackground) return Buffer.allocUnsafeSlow(scratchBytes);
    commonScratch ??= Buffer.allocUnsafeSlow(scratchBytes);
    return commonScratch;
  }

  #onRead(bytes: number, buffer: Uint8Array): boolean {
    if (this.#readsToFrame) this.#deliver(() => this.#parser.filled(bytes), bytes);
    else this.#push(buffer.subarray(0, bytes));
    return !this.#paused;
  }

  #push(chunk: Uint8Array): void {
    const expectsTls = this.#isFresh && isTlsAlert(chunk);
    this.#isFresh = false;
    if (expectsTls) this.#sink?.onBadBytes(new TlsExpectedError());
    else this.#deliver(() => this.#parser.push(chunk), chunk.byteLength);
  }

  /** What was complete before a fault is delivered; then the fault. */
  #deliver(parse: () => void, bytes: number): void {
    let fault: unknown;
    try {
      parse();
    } catch (error) {
      fault = error;
    }
    const messages = this.#messages;
    this.#messages = [];
    this.#sink?.onFrames(messages, bytes);
    if (fault !== undefined) this.#sink?.onBadBytes(fault);
  }
}
