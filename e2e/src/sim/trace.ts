// What happened in a run, as one number that two runs of a seed must share, and as lines of text
// for whoever replays it. Must not change what happens.

export class Trace {
  readonly isOn: boolean;
  #hash = 0x811c9dc5;
  #startMs: number;
  #clock: { readonly nowMs: number };

  constructor(clock: { readonly nowMs: number }, isOn: boolean) {
    this.#clock = clock;
    this.#startMs = clock.nowMs;
    this.isOn = isOn;
  }

  /** Takes bytes into the number. */
  bytes(bytes: Uint8Array): void {
    let hash = this.#hash;
    for (let i = 0; i < bytes.length; i++)
      hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
    this.#hash = hash;
  }

  number(value: number): void {
    this.#hash = Math.imul(this.#hash ^ (value | 0), 0x01000193);
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.number(text.charCodeAt(i));
  }

  /** Prints one line when the run is traced. */
  line(who: string, what: () => string): void {
    if (!this.isOn) return;
    const atMs = (this.#clock.nowMs - this.#startMs).toFixed(2).padStart(10);
    process.stderr.write(`${atMs} ${who.padEnd(14)} ${what()}\n`);
  }

  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }
}

/** A value for a trace: maps, payloads and bytes in short. */
export function show(value: unknown): string {
  return (
    JSON.stringify(value, (_, each: unknown) => {
      if (each instanceof Map) return Object.fromEntries([...each].slice(0, 12));
      if (each instanceof Set) return [...each];
      if (each instanceof Uint8Array) return `<${each.byteLength} bytes>`;
      if (each !== null && typeof each === "object" && "frames" in each) return "<payload>";
      if (typeof each === "bigint") return Number(each);
      return each;
    }) ?? "undefined"
  );
}
