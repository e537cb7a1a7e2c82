// Every bound of the wire by name. A peer that exceeds one is answered with LimitError before
// memory is spent on it. Comm may pass its own set; these are the defaults.

const KiB = 2 ** 10;
const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** Bounds on what a peer may send; the units are in the names. */
export interface WireLimits {
  /** Frames in one message, the msgpack document included. */
  readonly framesPerMessage: number;
  /** Bytes of one frame. dask splits payloads at 64 MiB, hand-made ones may be larger. */
  readonly frameBytes: number;
  /** Bytes of all frames of one message. */
  readonly messageBytes: number;
  /** Bytes of the msgpack document (frame 0) and of each payload header. */
  readonly documentBytes: number;
  /** Nested arrays and maps in a document. */
  readonly nestingDepth: number;
  /** UTF-8 bytes of one string in a document. */
  readonly stringBytes: number;
  /** Arrays and maps in one document: an empty map of one byte takes 200 in memory. */
  readonly containersPerDocument: number;
}

/**
 * The default limits. V8 holds strings of about 2^29 characters, so strings stop well before;
 * Python's msgpack writes 511 levels at most.
 */
export const wireLimits: WireLimits = Object.freeze({
  framesPerMessage: 2 ** 20,
  frameBytes: 4 * GiB,
  messageBytes: 64 * GiB,
  documentBytes: 256 * MiB,
  nestingDepth: 512,
  stringBytes: 256 * MiB,
  containersPerDocument: 2 ** 22,
});

/** Bounds on what single fields of a message may say; beyond, the message is refused. */
export const fieldLimits = Object.freeze({
  /** Characters of a task key in its canonical form: the scheduler remembers many. */
  keyLength: 4096,
  /** Characters of an address, an id, a topic or the like. */
  nameLength: 4096,
  /** Nested arrays and maps in a field that may hold anything: it is sent on inside others. */
  looseDepth: 64,
  /** Slots of one worker or task, and copies asked for. */
  slots: 2 ** 16,
  /** Bytes of one value: 16 TiB. Sums of hundreds are still exact. */
  valueBytes: 2 ** 44,
  /** Seconds a measured or requested time may have: 100 years. */
  seconds: 3_155_760_000,
});

/** Nested tuples in one task key. */
export const keyDepthMax = 32;

/** Frames up to this size are gathered into one compact buffer per message. */
export const smallFrameBytes = 64 * KiB;

/** Bytes of a broadcast NumPy array when written out; it travels as a single element. */
export const broadcastBytesMax = GiB;

/** Scratch space that the packer may keep; grown beyond, it is given back after the message. */
export const scratchBytesMax = MiB;
