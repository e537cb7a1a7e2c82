// The names that fuzzed messages speak of: small pools, so that messages of many connections meet
// over the same keys, workers and clients, and now and then names that are nobody's.
import type { WireKey } from "@acme/protocol";
import type { Random } from "../sim/random.js";

/** A task that a scheduler has sent to a fuzzed worker. */
export interface Flight {
  readonly key: WireKey;
  readonly runId: number;
}

/** What values are made from. */
export interface Making {
  readonly random: Random;
  readonly names: Vocabulary;
  /** Tasks in flight on the connection that the message is for. */
  readonly flights: readonly Flight[];
}

/** How many of each kind there are; few, so that they meet. */
const counts = { keys: 48, addresses: 12, clients: 8, topics: 6, templates: 6 };

/** Names that no peer would choose. */
export const oddTexts: readonly string[] = [
  "",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "\0",
  "\0(",
  "\0s5:ab",
  "\0n1;",
  "('x', 0)",
  "tcp://",
  "tcp://[::1]:99999",
  "inproc://x",
  "tls://127.0.0.1:1",
  "file:///etc/passwd",
  "../../../etc/passwd",
  "🦊".repeat(20),
  "\u202e\u0007\u001b[31m",
  "-".repeat(300),
  "x".repeat(5_000),
  "__Serialized__",
  "__Set__",
];

export class Vocabulary {
  /** Distinguishes this fuzzer's names from those of everybody else. */
  readonly #mark: string;
  #count = 0;

  /** Addresses and names of real workers that may be spoken of. */
  readonly #real: readonly string[];

  constructor(mark: string, real: readonly string[] = []) {
    this.#mark = mark;
    this.#real = real;
  }

  key({ random }: Making): WireKey {
    if (random.chance(0.04)) return oddKey(random);
    const at = random.below(counts.keys);
    if (at % 8 === 7) return [`${this.#mark}-t`, at, [at]];
    return `${this.#mark}-k-${at}`;
  }

  /** Of a worker that may be registered; nothing listens there. */
  address({ random }: Making): string {
    if (random.chance(0.02)) return random.pick(oddTexts);
    if (this.#real.length > 0 && random.chance(0.15)) return random.pick(this.#real);
    return `tcp://127.0.0.1:${1 + random.below(counts.addresses)}`;
  }

  client({ random }: Making): string {
    if (random.chance(0.02)) return random.pick(oddTexts);
    return `${this.#mark}-client-${random.below(counts.clients)}`;
  }

  topic({ random }: Making): string {
    return `${this.#mark}-topic-${random.below(counts.topics)}`;
  }

  template({ random }: Making): string {
    return `${this.#mark}-template-${random.below(counts.templates)}`;
  }

  /** One that was not there before. */
  fresh(what: string): string {
    this.#count += 1;
    return `${this.#mark}-${what}-${this.#count}`;
  }
}

function oddKey(random: Random): WireKey {
  const nested = (depth: number): WireKey => (depth === 0 ? "deep" : [nested(depth - 1)]);
  return random.pick<WireKey>([
    random.pick(oddTexts),
    0,
    -0,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2n ** 63n,
    true,
    [],
    [[], "x", 1, null as never],
    Uint8Array.of(0, 255, 1),
    ["x", Uint8Array.of(7)],
    nested(random.pick([2, 31, 32, 33])),
  ]);
}
