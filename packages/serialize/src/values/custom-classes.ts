// Classes whose user said how their instances travel: the way out for private state.
// Only remembers what was registered; the walk over a value asks for it.

/** How instances of a class are taken apart here and put together in another process. */
export interface ClassEncoding<T extends object> {
  /** Runs here: gives data that can travel. */
  readonly encode: (instance: T) => unknown;
  /** Runs in the other process; it is shipped like any function, with the class it captures. */
  readonly decode: (data: never) => T;
}

interface StoredEncoding {
  readonly encode: (instance: object) => unknown;
  readonly decode: object;
}

const encodings = new Map<object, StoredEncoding>();

/**
 * Says how instances of a class travel: needed when they hold `#private` state, which no code
 * outside the class can read. Subclasses are not covered.
 *
 * @param kind - the class
 * @param encoding - `encode` runs in this process, `decode` in the other one
 * @example
 * ```ts
 * class Secret {
 *   #value: number;
 *   constructor(value: number) { this.#value = value; }
 *   reveal() { return this.#value; }
 * }
 * registerClass(Secret, {
 *   encode: (secret) => secret.reveal(),
 *   decode: (value: number) => new Secret(value),
 * });
 * ```
 */
export function registerClass<T extends object>(
  kind: abstract new (...args: never[]) => T,
  encoding: ClassEncoding<T>,
): void {
  encodings.set(kind.prototype, encoding as unknown as StoredEncoding);
}

/** The registered encoding of a value's own class. */
export function customEncoding(value: object): StoredEncoding | undefined {
  if (encodings.size === 0) return undefined;
  return encodings.get(Object.getPrototypeOf(value));
}
