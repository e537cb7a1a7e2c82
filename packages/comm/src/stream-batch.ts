// One array message in the making, joined from the bytes of messages that are already encoded:
// msgpack needs only the array's own header in front. Placeholders number the frames of a message,
// so only one part with payloads fits into a batch.
import { assert } from "@acme/protocol";

/** A batch larger than this is sent as it is and a new one begun. */
const batchBytesMax = 8 * 2 ** 20;

export class StreamBatch {
  #documents: Uint8Array[] = [];
  #payload: readonly Uint8Array[] = [];
  #count = 0;
  #bytes = 0;
  /** The frames of the only part, if it is an array message that can be sent as it came. */
  #whole: readonly Uint8Array[] | undefined;

  /** Messages in the batch. */
  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds one encoded message; false if this batch must be sent before. */
  add(frames: readonly Uint8Array[]): boolean {
    return this.#join(frames, frames[0]!, 1);
  }

  /** Adds the messages of an encoded array message; false if this batch must be sent before. */
  addArray(frames: readonly Uint8Array[], count: number): boolean {
    const document = frames[0]!;
    const first = this.#count === 0;
    const joined = this.#join(frames, document.subarray(arrayHeaderBytes(document)), count);
    if (first) this.#whole = frames;
    return joined;
  }

  /** The frames of the array message; the batch is empty afterwards. */
  takeFrames(): readonly Uint8Array[] {
    assert(this.#count > 0, "frames of an empty batch");
    const frames = this.#whole ?? [this.#joinDocuments(), ...this.#payload];
    this.#documents = [];
    this.#payload = [];
    this.#count = 0;
    this.#bytes = 0;
    this.#whole = undefined;
    return frames;
  }

  #join(frames: readonly Uint8Array[], document: Uint8Array, count: number): boolean {
    if (this.#count > 0) {
      if (frames.length > 1 && this.#payload.length > 0) return false;
      if (this.#bytes + document.byteLength > batchBytesMax) return false;
    }
    this.#whole = undefined;
    this.#documents.push(document);
    if (frames.length > 1) this.#payload = frames.slice(1);
    this.#count += count;
    for (const frame of frames) this.#bytes += frame.byteLength;
    return true;
  }

  #joinDocuments(): Uint8Array {
    return Buffer.concat([arrayHeader(this.#count), ...this.#documents]);
  }
}

function arrayHeader(count: number): Uint8Array {
  if (count < 16) return Uint8Array.of(0x90 | count);
  if (count < 2 ** 16) return Uint8Array.of(0xdc, count >> 8, count & 0xff);
  const header = new Uint8Array(5);
  header[0] = 0xdd;
  new DataView(header.buffer).setUint32(1, count);
  return header;
}

function arrayHeaderBytes(document: Uint8Array): number {
  const first = document[0]!;
  if (first >> 4 === 0x9) return 1;
  if (first === 0xdc) return 3;
  assert(first === 0xdd, "the encoded message is no array");
  return 5;
}
