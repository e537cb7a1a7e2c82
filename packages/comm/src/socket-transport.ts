// tcp and tls as a transport: frames with length words, gathered writes, node's own back-pressure.
// TCP_USER_TIMEOUT, which dask sets, does not exist in node: a peer that vanishes without a word is
// noticed by keepalive or by whoever expects heartbeats.
import type { Socket } from "node:net";
import type { AcmeError } from "@acme/protocol";
import { formatAddress, type Scheme } from "./address.js";
import { ConnectionClosedError } from "./errors.js";
import { gather } from "./gather.js";
import { commLimits } from "./limits.js";
import type { SocketReader } from "./socket-reader.js";
import type { Frames, Transport, TransportSink } from "./transport.js";
import type { CommOptions } from "./types.js";

/** Small messages leave at once; the first probe of an idle peer after a quarter of dask's 30 s. */
export const socketOptions = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 7_000,
} as const;

export class SocketTransport implements Transport {
  readonly peerAddress: string;
  readonly localAddress: string;
  readonly #socket: Socket;
  readonly #reader: SocketReader;
  readonly #gatherFrameBytes: number;
  #error: Error | undefined;
  #paused = false;

  constructor(socket: Socket, scheme: Scheme, reader: SocketReader, options: CommOptions) {
    this.#socket = socket;
    this.#reader = reader;
    this.#gatherFrameBytes = options.limits?.gatherFrameBytes ?? commLimits.gatherFrameBytes;
    this.peerAddress = endAddress(scheme, socket.remoteAddress, socket.remotePort);
    this.localAddress = endAddress(scheme, socket.localAddress, socket.localPort);
    // Before anything else can happen to it: an error without listener would end the process.
    socket.on("error", (error) => {
      this.#error = error;
    });
  }

  get writableLength(): number {
    return this.#socket.writableLength;
  }

  start(sink: TransportSink): void {
    this.#reader.start(this.#socket, sink);
    this.#socket.on("drain", () => sink.onDrain());
    // Before node's own listener, which ends the sending side as well.
    this.#socket.prependListener("end", () => sink.onEnding());
    this.#socket.on("close", () => sink.onEnd(this.#endError()));
    if (this.#socket.destroyed) queueMicrotask(() => sink.onEnd(this.#endError()));
  }

  write(messages: readonly Frames[]): number {
    if (!this.#socket.writable) return 0;
    const chunks = gather(messages, this.#gatherFrameBytes);
    let bytes = 0;
    if (chunks.length > 1) this.#socket.cork();
    for (const chunk of chunks) {
      bytes += chunk.byteLength;
      this.#socket.write(chunk);
    }
    if (chunks.length > 1) this.#socket.uncork();
    return bytes;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#reader.pause(this.#socket);
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#reader.resume(this.#socket);
  }

  end(_reason: string, timeoutMs: number): void {
    const socket = this.#socket;
    const cut = (): void => void socket.destroy();
    // Node's own limit counts a queue that shrinks as activity.
    socket.setTimeout(timeoutMs, cut);
    socket.end(() => {
      const timer = setTimeout(cut, timeoutMs);
      socket.once("close", () => clearTimeout(timer));
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #endError(): AcmeError | undefined {
    if (this.#error !== undefined) {
      return new ConnectionClosedError(this.peerAddress, this.#error.message, {
        cause: this.#error,
      });
    }
    return this.#reader.end();
  }
}

function endAddress(scheme: Scheme, host: string | undefined, port: number | undefined): string {
  return formatAddress(scheme, host ?? "unknown", port ?? 0);
}
