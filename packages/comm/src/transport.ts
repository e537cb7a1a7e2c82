// The seam between messages and bytes: what a connection needs of tcp, tls, ws or memory, and what
// those tell it. Transports know frames, never what is inside.
import type { AcmeError } from "@acme/protocol";

/** The frames of one encoded message; frame 0 is its document. */
export type Frames = readonly Uint8Array[];

/** What a transport tells its connection. */
export interface TransportSink {
  /** All messages completed by one chunk from the network, and the chunk's size. */
  onFrames(messages: Frames[], bytes: number): void;
  /** Queued bytes have left; look at `writableLength` again. */
  onDrain(): void;
  /** The bytes cannot be messages (WireFormatError or LimitError). The sink ends the transport. */
  onBadBytes(error: unknown): void;
  /** The peer sends no more; what is queued must be written now or never. */
  onEnding(): void;
  /** It is over, told once and last; with an error unless the peer ended it properly. */
  onEnd(error?: AcmeError): void;
}

/** Moves encoded messages over one link, in order. */
export interface Transport {
  readonly peerAddress: string;
  readonly localAddress: string;
  /** Bytes taken by `write` that have not left yet. */
  readonly writableLength: number;
  /** Begins to deliver to the sink; called once. */
  start(sink: TransportSink): void;
  /** Takes the messages of one turn and returns the bytes that they are on the wire. */
  write(messages: readonly Frames[]): number;
  pause(): void;
  resume(): void;
  /**
   * Ends after what was written has left. A long queue may take its time; a peer that takes
   * nothing, or does not end in turn, is cut after the time limit.
   */
  end(reason: string, timeoutMs: number): void;
  /** Ends at once. */
  destroy(): void;
}
