// dask's framing of a websocket: one binary message with the frame count, then one per frame.
// Corresponds to `distributed.comm.ws`; knows no socket.
import { LimitError, WireFormatError } from "./errors.js";
import { type WireLimits, wireLimits } from "./limits.js";

const countBytes = 8;

/**
 * The websocket message that goes before the frames of one message.
 *
 * @param frames - the frames; send each as one binary websocket message afterwards
 */
export function wsFrameCount(frames: readonly Uint8Array[]): Uint8Array {
  const count = new Uint8Array(countBytes);
  new DataView(count.buffer).setUint32(0, frames.length, true);
  return count;
}

/**
 * Gathers the websocket messages of one connection into messages.
 *
 * @example
 * ```ts
 * const assembler = new WsFrameAssembler();
 * socket.on("message", (data) => {
 *   const frames = assembler.push(data);
 *   if (frames !== undefined) handle(decodeMessage(frames));
 * });
 * ```
 */
export class WsFrameAssembler {
  readonly #limits: WireLimits;
  #expected = 0;
  #messageBytes = 0;
  #frames: Uint8Array[] = [];

  /** @param limits - limits that differ from `wireLimits` */
  constructor(limits: Partial<WireLimits> = {}) {
    this.#limits = { ...wireLimits, ...limits };
  }

  /**
   * Takes one binary websocket message.
   *
   * @param data - its bytes; kept by reference unless it is a small part of a larger buffer
   * @returns all frames of a message once its last has come
   * @throws WireFormatError or LimitError if this is not dask's framing; close the connection then
   */
  push(data: Uint8Array): Uint8Array[] | undefined {
    if (this.#expected === 0) {
      this.#expected = this.#readCount(data);
      return undefined;
    }
    this.#check("frameBytes", data.byteLength);
    this.#messageBytes += data.byteLength;
    this.#check("messageBytes", this.#messageBytes);
    this.#frames.push(data.byteLength * 2 < data.buffer.byteLength ? data.slice() : data);
    if (this.#frames.length < this.#expected) return undefined;
    const frames = this.#frames;
    this.#frames = [];
    this.#expected = 0;
    this.#messageBytes = 0;
    return frames;
  }

  /**
   * Says that the connection has ended.
   * @throws WireFormatError if it ended inside a message
   */
  end(): void {
    if (this.#expected > 0) throw new WireFormatError("the connection ended inside a message");
  }

  #readCount(data: Uint8Array): number {
    if (data.byteLength !== countBytes) {
      throw new WireFormatError(
        `a frame count of ${data.byteLength} bytes; expected ${countBytes}`,
      );
    }
    const view = new DataView(data.buffer, data.byteOffset, countBytes);
    const count = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
    if (count === 0) throw new WireFormatError("a message on the websocket has no frames");
    this.#check("framesPerMessage", count);
    return count;
  }

  #check(limit: keyof WireLimits, value: number): void {
    if (value > this.#limits[limit]) throw new LimitError(limit, value, this.#limits[limit]);
  }
}
