// Memory that the control thread and one executor thread both see: per order a cell with its
// state and, when it is small, its result. So an order is given back or claimed exactly once, a
// finished result is never behind a long task, and a death tells which order was running.
import { assert } from "@acme/protocol";

/** The states of a cell. `handed` is left by a compare-and-swap of either side. */
export const cellState = Object.freeze({
  free: 0,
  /** Given to the executor, not started. */
  handed: 1,
  running: 2,
  /** Running, and told to stop. */
  cancelled: 3,
  /** The result lies in the cell. */
  endedHere: 4,
  /** The result was posted as a report. */
  endedPosted: 5,
  /** Taken back; the executor frees the cell when it comes by. */
  retracted: 6,
});

/** A result as it lies in a cell. */
export interface CellResult {
  readonly typename: string;
  readonly startMs: number;
  readonly stopMs: number;
  readonly frame: Uint8Array;
}

const headBytes = 64;
const wordBytes = 4;
/** A cell: state, frame bytes, typename characters (words); start, stop (doubles); typename. */
const at = Object.freeze({ frameBytes: 1, nameLength: 2, startMs: 2, stopMs: 3, name: 32 });
const nameMax = 32;
const frameAt = 64;

/** The cells of one executor thread; both sides build one on the same memory. */
export class Cells {
  readonly memory: SharedArrayBuffer;
  readonly count: number;
  readonly frameMax: number;
  readonly #cellBytes: number;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer, cellBytes: number) {
    assert(cellBytes % 8 === 0 && cellBytes > frameAt, "a cell is a multiple of 8 bytes");
    this.memory = memory;
    this.count = (memory.byteLength - headBytes) / cellBytes;
    this.frameMax = cellBytes - frameAt;
    this.#cellBytes = cellBytes;
    this.#words = new Int32Array(memory);
    this.#doubles = new Float64Array(memory);
    this.#bytes = new Uint8Array(memory);
  }

  static make(count: number, cellBytes: number): Cells {
    return new Cells(new SharedArrayBuffer(headBytes + count * cellBytes), cellBytes);
  }

  /** Executor: true if the control thread does not know yet that something ended. */
  ring(): boolean {
    return Atomics.exchange(this.#words, 0, 1) === 0;
  }

  /** Control thread, before it looks: what ends from now on rings again. */
  answer(): void {
    Atomics.store(this.#words, 0, 0);
  }

  state(cell: number): number {
    return Atomics.load(this.#words, this.#word(cell));
  }

  setState(cell: number, state: number): void {
    Atomics.store(this.#words, this.#word(cell), state);
  }

  /** Changes the state if it is the expected one; false: the other side was first. */
  swap(cell: number, expected: number, state: number): boolean {
    return Atomics.compareExchange(this.#words, this.#word(cell), expected, state) === expected;
  }

  /** Executor: puts a result into the cell; false: it does not fit, post it. */
  put(cell: number, result: CellResult): boolean {
    const { typename, frame } = result;
    if (frame.byteLength > this.frameMax || typename.length > nameMax) return false;
    const start = this.#start(cell);
    for (let i = 0; i < typename.length; i++) {
      const code = typename.charCodeAt(i);
      if (code > 0x7f) return false;
      this.#bytes[start + at.name + i] = code;
    }
    const word = this.#word(cell);
    this.#words[word + at.frameBytes] = frame.byteLength;
    this.#words[word + at.nameLength] = typename.length;
    this.#doubles[start / 8 + at.startMs] = result.startMs;
    this.#doubles[start / 8 + at.stopMs] = result.stopMs;
    this.#bytes.set(frame, start + frameAt);
    return true;
  }

  /** Control thread: the result of a cell that `endedHere`, in memory of its own. */
  take(cell: number): CellResult {
    const start = this.#start(cell);
    const word = this.#word(cell);
    const frameBytes = this.#words[word + at.frameBytes] as number;
    let typename = "";
    const nameEnd = start + at.name + (this.#words[word + at.nameLength] as number);
    for (let i = start + at.name; i < nameEnd; i++) {
      typename += String.fromCharCode(this.#bytes[i] as number);
    }
    return {
      typename,
      startMs: this.#doubles[start / 8 + at.startMs] as number,
      stopMs: this.#doubles[start / 8 + at.stopMs] as number,
      frame: this.#bytes.slice(start + frameAt, start + frameAt + frameBytes),
    };
  }

  #start(cell: number): number {
    return headBytes + cell * this.#cellBytes;
  }

  #word(cell: number): number {
    return this.#start(cell) / wordBytes;
  }
}
