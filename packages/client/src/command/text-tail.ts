// The end of a long text that comes in pieces.
// Keeps no more of it, and does not know whose it is.

export class TextTail {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    while (this.#bytes - (this.#chunks[0] as Uint8Array).byteLength >= this.#maxBytes) {
      this.#bytes -= (this.#chunks.shift() as Uint8Array).byteLength;
    }
  }

  /** The last lines of what is kept, without line breaks around them. */
  lines(count: number): string {
    const text = Buffer.concat(this.#chunks).subarray(-this.#maxBytes).toString("utf8").trim();
    return text.split(/\r?\n/).slice(-count).join("\n");
  }
}
