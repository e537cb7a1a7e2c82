// The one error base of the project and the errors of the wire itself.
// Consumers tell errors apart by `code` through isAcmeError, never by instanceof alone:
// two copies of this package, or two realms, may be loaded at once.

const brand: unique symbol = Symbol.for("acme.error") as never;

/**
 * Base of every operating error that acme throws.
 *
 * Subclasses add a literal `code` and structured fields. The message says what happened, where,
 * and what to do next.
 *
 * @example
 * ```ts
 * class DiskFullError extends AcmeError {
 *   readonly code = "DISK_FULL";
 * }
 * ```
 */
export abstract class AcmeError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }

  /** True on every acme error, whichever copy of the package made it. */
  get [brand](): true {
    return true;
  }
}

/**
 * Tells whether a caught value is an acme error, optionally with one code. Safe across realms and
 * across two loaded copies of this package.
 *
 * @param error - any caught value
 * @param code - the literal code looked for, such as `"WIRE_FORMAT"`; omitted, any code will do
 * @example
 * ```ts
 * try {
 *   decodeMessage([new Uint8Array([0xc1])]);
 * } catch (error) {
 *   if (isAcmeError(error, "WIRE_FORMAT")) console.error(error.message);
 * }
 * ```
 */
export function isAcmeError<C extends string = string>(
  error: unknown,
  code?: C,
): error is AcmeError & { readonly code: C } {
  if (typeof error !== "object" || error === null || !(brand in error)) return false;
  return code === undefined || (error as { code?: unknown }).code === code;
}

/** Where in a message a wire error was found. */
export interface WireFormatErrorOptions {
  /** Path inside the message, such as `message.nbytes["x"][2]`. */
  path?: string | undefined;
  /** Byte offset inside the document or stream. */
  offset?: number | undefined;
  cause?: unknown;
}

/**
 * A message cannot be put on the wire, or what arrived is no message. The sender of a bad message
 * is at fault; the connection it came from should be closed.
 */
export class WireFormatError extends AcmeError {
  readonly code = "WIRE_FORMAT";
  readonly path: string | undefined;
  readonly offset: number | undefined;

  constructor(message: string, options: WireFormatErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.path = options.path;
    this.offset = options.offset;
  }
}

/** A named limit of this package was exceeded, before anything was allocated for it. */
export class LimitError extends AcmeError {
  readonly code = "LIMIT_EXCEEDED";
  /** The name of the limit, such as `"frameBytes"` of `wireLimits`. */
  readonly limit: string;
  readonly value: number;
  readonly max: number;

  constructor(limit: string, value: number, max: number) {
    super(
      `${limit} is ${value}, more than the limit of ${max}: ` +
        "the peer is broken or hostile, or the limit must be raised on both sides",
    );
    this.limit = limit;
    this.value = value;
    this.max = max;
  }
}

/** The peer says that it could not serialize a value; the message is the peer's. */
export class UnserializableError extends AcmeError {
  readonly code = "UNSERIALIZABLE";
  /** The text of the peer, often a traceback. */
  readonly remoteText: string;

  constructor(remoteText: string) {
    super(`the peer could not serialize a value: ${remoteText}`);
    this.remoteText = remoteText;
  }
}

/**
 * An error of a class that exists in another process only: keeps its name, message, code, cause,
 * properties, and the stack with the file and line where it was thrown.
 */
export class RemoteError extends Error {}
