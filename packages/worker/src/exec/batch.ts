// One message between the control thread and an executor: a flat list of numbers, one of texts,
// and bytes. Small frames lie end to end in one buffer, large ones stay in memory of their own.
// Corresponds to a batched comm of dask; knows neither the messages nor what carries them.
import { assert } from "@acme/protocol";

/** What is posted to a thread as it is, and framed for a child process. */
export interface Batch {
  numbers: number[];
  texts: string[];
  /** All small frames, end to end. */
  bytes: Uint8Array;
  /** The large ones. */
  large: Uint8Array[];
}

const largeFrame = -1;

/** How a large frame leaves: shared with another thread, or as it is through a pipe. */
export type Share = (frame: Uint8Array) => Uint8Array;

/** A frame in memory that other threads see: itself if it lies there already, else a copy. */
export const shareFrame: Share = (frame) => {
  if (frame.buffer instanceof SharedArrayBuffer) return frame;
  const shared = new Uint8Array(new SharedArrayBuffer(frame.byteLength));
  shared.set(frame);
  return shared;
};

/** Leaves a frame where it is: a pipe reads it from there. */
export const passFrame: Share = (frame) => frame;

/** Collects one batch; what is written is read back in the same order. */
export class BatchWriter {
  readonly #share: Share;
  readonly #largeBytes: number;
  #numbers: number[] = [];
  #texts: string[] = [];
  #small: Uint8Array[] = [];
  #smallBytes = 0;
  #large: Uint8Array[] = [];

  /** @param largeBytes - frames of at least this size are not copied together */
  constructor(share: Share, largeBytes: number) {
    this.#share = share;
    this.#largeBytes = largeBytes;
  }

  get isEmpty(): boolean {
    return this.#numbers.length === 0;
  }

  number(value: number): void {
    this.#numbers.push(value);
  }

  text(value: string): void {
    this.#texts.push(value);
  }

  frames(frames: readonly Uint8Array[]): void {
    this.#numbers.push(frames.length);
    for (const frame of frames) this.#frame(frame);
  }

  #frame(frame: Uint8Array): void {
    if (frame.byteLength >= this.#largeBytes) {
      this.#numbers.push(largeFrame);
      this.#large.push(this.#share(frame));
      return;
    }
    this.#numbers.push(frame.byteLength);
    this.#small.push(frame);
    this.#smallBytes += frame.byteLength;
  }

  /** The batch; the writer is empty afterwards. Its `bytes` own their memory: transfer it. */
  take(): Batch {
    const bytes = new Uint8Array(this.#smallBytes);
    let at = 0;
    for (const frame of this.#small) {
      bytes.set(frame, at);
      at += frame.byteLength;
    }
    const batch = { numbers: this.#numbers, texts: this.#texts, bytes, large: this.#large };
    this.#numbers = [];
    this.#texts = [];
    this.#small = [];
    this.#smallBytes = 0;
    this.#large = [];
    return batch;
  }
}

/** Reads one batch from its start. Frames are views of it. */
export class BatchReader {
  readonly #batch: Batch;
  #number = 0;
  #text = 0;
  #byte = 0;
  #large = 0;

  constructor(batch: Batch) {
    this.#batch = batch;
  }

  get isAtEnd(): boolean {
    return this.#number === this.#batch.numbers.length;
  }

  number(): number {
    const value = this.#batch.numbers[this.#number++];
    assert(value !== undefined, "a batch has fewer numbers than its messages need");
    return value;
  }

  text(): string {
    const value = this.#batch.texts[this.#text++];
    assert(value !== undefined, "a batch has fewer texts than its messages need");
    return value;
  }

  frames(): Uint8Array[] {
    const count = this.number();
    const frames: Uint8Array[] = [];
    for (let i = 0; i < count; i++) frames.push(this.#frame());
    return frames;
  }

  #frame(): Uint8Array {
    const length = this.number();
    if (length === largeFrame) {
      const frame = this.#batch.large[this.#large++];
      assert(frame !== undefined, "a batch has fewer large frames than its messages need");
      return frame;
    }
    const from = this.#byte;
    this.#byte += length;
    assert(this.#byte <= this.#batch.bytes.byteLength, "a batch has too few bytes");
    return this.#batch.bytes.subarray(from, this.#byte);
  }
}
