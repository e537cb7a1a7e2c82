// Every bound of this package by name. Limits of the wire format itself are `wireLimits` in
// @acme/protocol.

const KiB = 2 ** 10;
const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** Bounds of connections, listeners and the rpc pool; the units are in the names. */
export interface CommLimits {
  /** A connection with more than this queued refuses the next message and is closed. */
  readonly queuedBytes: number;
  /** `drained()` resolves at or below this. */
  readonly drainedBytes: number;
  /** Unread messages after which a connection stops taking bytes from the network. */
  readonly unreadMessages: number;
  /** The same in bytes. */
  readonly unreadBytes: number;
  /** Frames below this are gathered into one buffer for the operating system. */
  readonly gatherFrameBytes: number;
  readonly connectTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  /** After `close()`: a link is cut when nothing moves, or the peer does not end, for that long. */
  readonly closeTimeoutMs: number;
  /** Waiting connections of a listener that the operating system holds (dask's 2048). */
  readonly backlog: number;
  /** Open connections of one rpc pool (dask's 512). */
  readonly poolConnections: number;
  /** Calls that wait for a connection of the pool. */
  readonly poolWaiting: number;
  /** What nobody waits for is sent after this long, if nothing else is. */
  readonly lateMs: number;
  /** Log entries of one kind that pass in one window; the others are counted. */
  readonly logEntries: number;
  readonly logWindowMs: number;
}

export const commLimits: CommLimits = Object.freeze({
  queuedBytes: GiB,
  drainedBytes: MiB,
  unreadMessages: 4096,
  unreadBytes: 64 * MiB,
  gatherFrameBytes: 16 * KiB,
  connectTimeoutMs: 30_000,
  handshakeTimeoutMs: 10_000,
  closeTimeoutMs: 5_000,
  backlog: 2048,
  poolConnections: 512,
  poolWaiting: 2 ** 20,
  lateMs: 100,
  logEntries: 20,
  logWindowMs: 10_000,
});
