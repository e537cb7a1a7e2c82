// Messages that arrived and that nobody has read yet, counted so that a connection can stop taking
// more. It must not know where they come from.
import type { WireValue } from "@acme/protocol";
import type { CommLimits } from "./limits.js";

interface Batch {
  messages: WireValue[];
  bytes: number;
}

export class Unread {
  readonly #limits: CommLimits;
  #batches: Batch[] = [];
  /** Messages of the first batch that are read already. */
  #taken = 0;
  #count = 0;
  #bytes = 0;

  constructor(limits: CommLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count >= this.#limits.unreadMessages || this.#bytes >= this.#limits.unreadBytes;
  }

  add(messages: WireValue[], bytes: number): void {
    this.#batches.push({ messages, bytes });
    this.#count += messages.length;
    this.#bytes += bytes;
  }

  /** The oldest message; only when there is one. */
  take(): WireValue {
    const batch = this.#batches[0]!;
    const message = batch.messages[this.#taken]!;
    this.#taken += 1;
    this.#count -= 1;
    if (this.#taken === batch.messages.length) {
      this.#batches.shift();
      this.#taken = 0;
      this.#bytes -= batch.bytes;
    }
    return message;
  }

  takeAll(): WireValue[] {
    const all: WireValue[] = [];
    while (this.#count > 0) all.push(this.take());
    return all;
  }
}
