// Cuts what a process writes into answers: a length of eight bytes, then so many bytes. Copies each
// answer once into memory of its own. Must not know what the answers mean.
import { PythonError } from "../errors.js";
import { pythonLimits } from "../limits.js";

export class AnswerReader {
  readonly #onAnswer: (answer: Uint8Array) => void;
  readonly #head = Buffer.alloc(8);
  #headBytes = 0;
  #answer: Uint8Array | undefined;
  #filled = 0;

  constructor(onAnswer: (answer: Uint8Array) => void) {
    this.#onAnswer = onAnswer;
  }

  /** @throws PythonError if what comes cannot be an answer */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.byteLength) {
      const rest = bytes.subarray(at);
      at += this.#answer === undefined ? this.#takeHead(rest) : this.#takeBody(rest, this.#answer);
    }
  }

  #takeHead(bytes: Uint8Array): number {
    const taken = Math.min(8 - this.#headBytes, bytes.byteLength);
    this.#head.set(bytes.subarray(0, taken), this.#headBytes);
    this.#headBytes += taken;
    if (this.#headBytes < 8) return taken;
    const size = Number(this.#head.readBigUInt64LE());
    if (size > pythonLimits.answerBytes) {
      throw new PythonError("PYTHON_FAILED", `an answer claims to have ${size} bytes`);
    }
    this.#headBytes = 0;
    this.#filled = 0;
    this.#answer = new Uint8Array(size);
    if (size === 0) this.#finish(this.#answer);
    return taken;
  }

  #takeBody(bytes: Uint8Array, answer: Uint8Array): number {
    const taken = Math.min(answer.byteLength - this.#filled, bytes.byteLength);
    answer.set(bytes.subarray(0, taken), this.#filled);
    this.#filled += taken;
    if (this.#filled === answer.byteLength) this.#finish(answer);
    return taken;
  }

  #finish(answer: Uint8Array): void {
    this.#answer = undefined;
    this.#onAnswer(answer);
  }
}
