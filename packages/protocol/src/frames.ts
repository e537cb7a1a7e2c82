// dask's framing of a byte stream: a length word, a frame count, the frame lengths, the frames.
// Corresponds to `distributed.comm.tcp`. Pure: it is fed with chunks of any size and knows no
// socket. Nothing it gives out shares memory with a chunk, so receive buffers may be reused.
import { assert } from "./assert.js";
import { LimitError, WireFormatError } from "./errors.js";
import { smallFrameBytes, type WireLimits, wireLimits } from "./limits.js";

const wordBytes = 8;
const runBytesMax = 2 ** 20;
const high = 2 ** 32;

/**
 * The bytes that go before the frames of one message on tcp and tls. Write the header, then each
 * frame as it is; no payload is copied.
 *
 * @param frames - the frames of the message
 * @example
 * ```ts
 * const frames = encodeMessage("OK");
 * socket.cork();
 * for (const part of [frameHeader(frames), ...frames]) socket.write(part);
 * socket.uncork();
 * ```
 */
export function frameHeader(frames: readonly Uint8Array[]): Uint8Array {
  const header = new Uint8Array(wordBytes * (frames.length + 2));
  const view = new DataView(header.buffer);
  // The first word covers all frames: valid for every version of dask, old ones insist on it.
  let following = wordBytes * (frames.length + 1);
  for (let i = 0; i < frames.length; i++) {
    const length = frames[i]!.byteLength;
    following += length;
    setWord(view, wordBytes * (i + 2), length);
  }
  setWord(view, 0, following);
  setWord(view, wordBytes, frames.length);
  return header;
}

function setWord(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % high, true);
  view.setUint32(at + 4, Math.floor(value / high), true);
}

/** Options of a {@link FrameParser}. */
export interface FrameParserOptions {
  /** Called with the frames of each message, in order, while bytes are pushed. */
  readonly onMessage: (frames: Uint8Array[]) => void;
  /**
   * Gives the memory for a payload frame of more than 64 KiB, of exactly that many bytes; plain
   * memory if omitted. The document of a message (frame 0) never uses it.
   */
  readonly allocate?: ((byteLength: number) => Uint8Array) | undefined;
  /** Limits that differ from `wireLimits`. */
  readonly limits?: Partial<WireLimits> | undefined;
}

/**
 * Cuts a byte stream into messages.
 *
 * Consecutive small frames share one buffer of their own; each frame of more than 64 KiB is filled
 * in place. While such a frame is being received, {@link want} gives its unfilled rest, so that a
 * socket can read straight into it.
 *
 * @example
 * ```ts
 * const parser = new FrameParser({ onMessage: (frames) => handle(decodeMessage(frames)) });
 * socket.on("data", (chunk) => parser.push(chunk));
 * socket.on("end", () => parser.end());
 * ```
 */
export class FrameParser {
  readonly #onMessage: (frames: Uint8Array[]) => void;
  readonly #allocate: (byteLength: number) => Uint8Array;
  readonly #limits: WireLimits;
  readonly #word = new Uint8Array(wordBytes);
  #wordFilled = 0;
  #wordsRead = 0;
  #frameCount = 0;
  #messageBytes = 0;
  #lengths: number[] = [];
  #frames: Uint8Array[] = [];
  #run: Uint8Array | undefined;
  #runFilled = 0;
  #runFrames = 0;
  #failed = false;

  constructor(options: FrameParserOptions) {
    this.#onMessage = options.onMessage;
    this.#allocate = options.allocate ?? ((byteLength) => new Uint8Array(byteLength));
    this.#limits = { ...wireLimits, ...options.limits };
  }

  /**
   * Takes the next bytes of the stream. The chunk may be reused afterwards.
   *
   * @throws WireFormatError or LimitError if the stream is not dask's; close the connection then.
   *   Messages before the fault have been delivered.
   */
  push(chunk: Uint8Array): void {
    this.#guard(() => {
      let at = 0;
      while (at < chunk.length) {
        at = this.#run === undefined ? this.#takeWord(chunk, at) : this.#fill(chunk, at);
      }
    });
  }

  /** Where the next bytes of the stream may be read to directly, if a large frame is under way. */
  want(): Uint8Array | undefined {
    if (this.#run === undefined || this.#run.length <= smallFrameBytes) return undefined;
    return this.#runFrames === 1 ? this.#run.subarray(this.#runFilled) : undefined;
  }

  /**
   * Says that bytes of the stream were read into the memory that {@link want} gave.
   *
   * @param byteLength - how many bytes, from the start of that memory
   */
  filled(byteLength: number): void {
    const run = this.#run;
    assert(run !== undefined && this.#runFilled + byteLength <= run.length, "more than wanted");
    this.#guard(() => {
      this.#runFilled += byteLength;
      if (this.#runFilled === run.length) this.#endRun(run);
    });
  }

  /**
   * Says that the stream has ended.
   * @throws WireFormatError if it ended inside a message
   */
  end(): void {
    if (this.#failed || (this.#wordsRead === 0 && this.#wordFilled === 0)) return;
    throw new WireFormatError("the connection ended inside a message");
  }

  #guard(work: () => void): void {
    assert(!this.#failed, "bytes pushed after the stream was found broken");
    this.#failed = true;
    work();
    this.#failed = false;
  }

  #takeWord(chunk: Uint8Array, at: number): number {
    const word = this.#word;
    let from = at;
    let filled = this.#wordFilled;
    while (filled < wordBytes && from < chunk.length) word[filled++] = chunk[from++]!;
    this.#wordFilled = filled;
    if (filled === wordBytes) {
      this.#wordFilled = 0;
      this.#onWord(readWord(word));
    }
    return from;
  }

  #onWord(value: number): void {
    const index = this.#wordsRead++;
    // Word 0 tells how much dask's own reader takes in its first read; all else tells it better.
    if (index === 0) return;
    if (index === 1) {
      if (value === 0) throw new WireFormatError("a message on the stream has no frames");
      check("framesPerMessage", value, this.#limits);
      this.#frameCount = value;
      return;
    }
    check("frameBytes", value, this.#limits);
    if (index === 2) check("documentBytes", value, this.#limits);
    this.#messageBytes += value;
    check("messageBytes", this.#messageBytes, this.#limits);
    this.#lengths.push(value);
    if (this.#lengths.length === this.#frameCount) this.#startRun();
  }

  // A run is one large frame, or consecutive small ones, which share a buffer. It is allocated
  // only when its turn comes, so that a false header costs one run at most.
  #startRun(): void {
    for (;;) {
      const first = this.#frames.length;
      if (first === this.#frameCount) {
        this.#endMessage();
        return;
      }
      let size = this.#lengths[first]!;
      let next = first + 1;
      if (size <= smallFrameBytes) {
        while (next < this.#frameCount && this.#lengths[next]! <= smallFrameBytes) {
          if (size + this.#lengths[next]! > runBytesMax) break;
          size += this.#lengths[next++]!;
        }
      }
      this.#runFrames = next - first;
      this.#runFilled = 0;
      if (size > 0) {
        this.#run = this.#memory(first, size);
        return;
      }
      this.#cutRun(new Uint8Array(0));
    }
  }

  #memory(frame: number, size: number): Uint8Array {
    if (frame === 0 || this.#lengths[frame]! <= smallFrameBytes) return new Uint8Array(size);
    const memory = this.#allocate(size);
    assert(memory.length === size, "the allocator gave memory of another size");
    return memory;
  }

  #fill(chunk: Uint8Array, at: number): number {
    const run = this.#run!;
    const count = Math.min(run.length - this.#runFilled, chunk.length - at);
    const whole = count === chunk.length;
    run.set(whole ? chunk : chunk.subarray(at, at + count), this.#runFilled);
    this.#runFilled += count;
    if (this.#runFilled === run.length) this.#endRun(run);
    return at + count;
  }

  #endRun(run: Uint8Array): void {
    this.#run = undefined;
    this.#cutRun(run);
    this.#startRun();
  }

  #cutRun(run: Uint8Array): void {
    if (this.#runFrames === 1) {
      this.#frames.push(run);
      return;
    }
    let at = 0;
    for (let left = this.#runFrames; left > 0; left--) {
      const length = this.#lengths[this.#frames.length]!;
      this.#frames.push(run.subarray(at, at + length));
      at += length;
    }
  }

  #endMessage(): void {
    const frames = this.#frames;
    this.#frames = [];
    this.#lengths = [];
    this.#wordsRead = 0;
    this.#messageBytes = 0;
    this.#onMessage(frames);
  }
}

function readWord(word: Uint8Array): number {
  let value = 0;
  for (let i = wordBytes - 1; i >= 0; i--) value = value * 256 + word[i]!;
  return value;
}

function check(limit: keyof WireLimits, value: number, limits: WireLimits): void {
  if (value > limits[limit]) throw new LimitError(limit, value, limits[limit]);
}
