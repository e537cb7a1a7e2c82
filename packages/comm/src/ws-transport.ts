// Websockets as a transport: one binary websocket message with the frame count, then one per
// frame. The library joins and masks; what it gives in one go is delivered as one batch.
import type { Socket } from "node:net";
import {
  type AcmeError,
  isAcmeError,
  WireFormatError,
  WsFrameAssembler,
  wireLimits,
  wsFrameCount,
} from "@acme/protocol";
import type { RawData, WebSocket } from "ws";
import { ConnectionClosedError } from "./errors.js";
import type { Frames, Transport, TransportSink } from "./transport.js";
import type { CommOptions } from "./types.js";

const smallFrameBytes = 64 * 2 ** 10;
const normalEnd = 1000;
const hourMs = 3_600_000;
const reasonBytesMax = 100;

/** What both roles of the `ws` library are given. */
export function wsOptions(options: CommOptions) {
  const maxPayload = options.wireLimits?.frameBytes ?? wireLimits.frameBytes;
  // The library's own limit on closing would cut a long queue; `end` watches progress instead.
  return { perMessageDeflate: false, maxPayload, closeTimeout: hourMs } as const;
}

export interface WsEnds {
  peerAddress: string;
  localAddress: string;
}

export class WsTransport implements Transport {
  readonly peerAddress: string;
  readonly localAddress: string;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #options: CommOptions;
  readonly #assembler: WsFrameAssembler;
  #sink: TransportSink | undefined;
  #messages: Frames[] = [];
  #bytes = 0;
  #isScheduled = false;
  #isOver = false;
  #error: Error | undefined;
  #fault: unknown;

  /** Make it before the websocket is open: the peer's first message may come with the opening. */
  constructor(ws: WebSocket, socket: Socket, ends: WsEnds, options: CommOptions) {
    this.#ws = ws;
    this.#socket = socket;
    this.#options = options;
    this.#assembler = new WsFrameAssembler(options.wireLimits);
    this.peerAddress = ends.peerAddress;
    this.localAddress = ends.localAddress;
    ws.on("message", (data, isBinary) => this.#onMessage(data, isBinary));
    ws.on("error", (error) => this.#onError(error));
    ws.on("close", () => this.#onClose());
  }

  get writableLength(): number {
    return this.#ws.bufferedAmount;
  }

  start(sink: TransportSink): void {
    this.#sink = sink;
    this.#socket.on("drain", () => sink.onDrain());
    this.#schedule();
  }

  write(messages: readonly Frames[]): number {
    let bytes = 0;
    this.#socket.cork();
    for (const frames of messages) {
      this.#ws.send(wsFrameCount(frames), sendOptions);
      bytes += 8;
      for (const frame of frames) {
        this.#ws.send(frame, sendOptions);
        bytes += frame.byteLength;
      }
    }
    this.#socket.uncork();
    return bytes;
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  end(reason: string, timeoutMs: number): void {
    this.#socket.setTimeout(timeoutMs, () => this.#ws.terminate());
    const text = Buffer.from(reason)
      .subarray(0, reasonBytesMax)
      .toString()
      .replaceAll("\ufffd", "");
    this.#ws.close(normalEnd, text);
  }

  destroy(): void {
    this.#ws.terminate();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.#fault !== undefined) return;
    try {
      if (!isBinary) throw new WireFormatError("a text message on the websocket");
      const bytes = data as Buffer;
      this.#bytes += bytes.byteLength;
      const frames = this.#assembler.push(bytes);
      if (frames === undefined) return;
      this.#messages.push(this.#place(frames));
    } catch (error) {
      this.#fault = error;
    }
    this.#schedule();
  }

  /** Large payload frames go to the caller's memory, if it has some. */
  #place(frames: Uint8Array[]): Frames {
    const { allocate } = this.#options;
    if (allocate === undefined) return frames;
    return frames.map((frame, index) => {
      if (index === 0 || frame.byteLength <= smallFrameBytes) return frame;
      const memory = allocate(frame.byteLength);
      memory.set(frame);
      return memory;
    });
  }

  /** The library emits all messages of a chunk before the next tick. */
  #schedule(): void {
    if (this.#isScheduled || this.#sink === undefined) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const messages = this.#messages;
    const bytes = this.#bytes;
    this.#messages = [];
    this.#bytes = 0;
    if (messages.length > 0 || bytes > 0) this.#sink?.onFrames(messages, bytes);
    if (this.#fault !== undefined) this.#sink?.onBadBytes(this.#fault);
    if (this.#isOver) this.#sink?.onEnd(this.#endError());
  }

  #onError(error: Error & { code?: string }): void {
    this.#error = error;
    if (!error.code?.startsWith("WS_ERR_")) return;
    this.#fault ??= new WireFormatError(error.message, { cause: error });
    this.#schedule();
  }

  #onClose(): void {
    this.#isOver = true;
    this.#schedule();
  }

  #endError(): AcmeError | undefined {
    if (this.#error !== undefined) {
      return new ConnectionClosedError(this.peerAddress, this.#error.message, {
        cause: this.#error,
      });
    }
    try {
      this.#assembler.end();
    } catch (error) {
      if (isAcmeError(error)) return error;
      throw error;
    }
    return undefined;
  }
}

const sendOptions = { binary: true, compress: false } as const;
