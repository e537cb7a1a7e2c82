// The shapes that other packages hold on to: connection, listener, security, log entries.
// Only types; how a transport moves bytes is the business of the transport rooms.
import type { AcmeError, WireLimits, WireValue } from "@acme/protocol";
import type { CommLimits } from "./limits.js";

/** Certificates of one peer; both roles use the same three (mutual TLS). All PEM text. */
export interface Security {
  /** Authority that must have signed the peer's certificate; several may be concatenated. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Refuse `tcp://` and `ws://` in {@link connect} and {@link listen}. */
  readonly requireEncryption?: boolean | undefined;
}

/** Gives memory for a payload frame of more than 64 KiB, exactly so long; may be shared memory. */
export type Allocate = (bytes: number) => Uint8Array;

/** One thing worth telling an operator; the caller decides where it goes. */
export interface CommLogEntry {
  readonly level: "info" | "warn" | "error";
  /** Stable name of what happened, such as `"bad-message"` or `"plaintext-on-tls"`. */
  readonly event: string;
  readonly message: string;
  readonly peerAddress: string;
  readonly error?: Error | undefined;
}

export type OnLog = (entry: CommLogEntry) => void;

/** Options that {@link connect} and {@link listen} share. */
export interface CommOptions {
  security?: Security | undefined;
  allocate?: Allocate | undefined;
  onLog?: OnLog | undefined;
  /** Bounds of this connection; what is left out has the default of `commLimits`. */
  limits?: Partial<CommLimits> | undefined;
  /** Bounds of the wire format; what is left out has the default of `wireLimits`. */
  wireLimits?: Partial<WireLimits> | undefined;
}

export interface ConnectOptions extends CommOptions {
  /** For look-up, connecting, TLS and handshake together; default `limits.connectTimeoutMs`. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Try again with back-off while the peer refuses, until the time is up; default false. */
  retry?: boolean | undefined;
}

export interface ListenOptions extends CommOptions {
  /** Called with each connection whose handshake is done. */
  onConnection: (connection: Connection) => void;
}

/** Something that accepts connections; made by {@link listen}. */
export interface Listener {
  /** Where to reach it: numeric IP and real port, also when it listens on a wildcard. */
  readonly address: string;
  /** All addresses that reach it; more than one for a wildcard. The first is `address`. */
  readonly addresses: readonly string[];
  /** Stops accepting. Connections that exist live on. */
  close(): Promise<void>;
}

/** Why a connection ended. */
export interface CloseInfo {
  /** Who ended it: this side, the peer, or an error on the way. */
  readonly by: "us" | "peer" | "error";
  readonly reason: string;
  /** Present when `by` is `"error"`. */
  readonly error?: AcmeError | undefined;
}

/** What passed through a connection so far, the handshake included. */
export interface ConnectionCounters {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly messagesSent: number;
  readonly messagesReceived: number;
}

/**
 * One ordered message channel each way. Messages are whatever the wire codec of `@acme/protocol`
 * takes; they arrive as it decodes them (maps are `Map`s).
 */
export interface Connection {
  /** `scheme://ip:port` of the other end of the socket (for an accepted one: a passing port). */
  readonly peerAddress: string;
  readonly localAddress: string;
  /** The peer said in its handshake that it is one of ours; dask's peers are not. */
  readonly isAcmePeer: boolean;
  readonly isOpen: boolean;
  readonly closed: Promise<CloseInfo>;
  readonly counters: ConnectionCounters;
  /** Bytes that were sent but not yet handed to the operating system. */
  readonly writableLength: number;
  /** Messages that arrived and were neither read nor given to a callback. */
  readonly unreadCount: number;
  /** Encodes once and queues; everything queued in one event-loop turn leaves together.
   * @throws WireFormatError before anything is queued, ConnectionClosedError, LimitError */
  send(message: WireValue | object): void;
  /** Queues an encoded message (frame 0 is the document); frames must not change afterwards. */
  sendEncoded(frames: readonly Uint8Array[]): void;
  /** The same, but it leaves at once, after what was queued before: for the end of a turn. */
  writeEncoded(frames: readonly Uint8Array[]): void;
  /** Resolves when at most `limits.drainedBytes` are queued, or the connection has ended. */
  drained(): Promise<void>;
  /**
   * From now on every batch (all messages of one chunk from the network) goes to the callback,
   * beginning with what has already arrived. At most one callback; it replaces an earlier one.
   */
  onMessages(callback: (messages: WireValue[]) => void): void;
  /** The next message, for conversations one at a time. Not together with `onMessages`.
   * @throws ConnectionClosedError when it has ended and nothing is left to read */
  read(): Promise<WireValue>;
  /** Stops taking bytes from the network until {@link resume}; the peer's writes will stall. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then ends. Resolves when it has ended; safe to call again. */
  close(options?: { reason?: string | undefined }): Promise<CloseInfo>;
  /** Ends at once; what is queued is lost. */
  abort(reason?: string): void;
}
