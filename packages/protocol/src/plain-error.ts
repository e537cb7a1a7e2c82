// Errors that a scheduler, a worker or a server makes itself, as payloads that need no value codec:
// the fields lie in the header. What user code throws is the value codec's business.
import { isAcmeError } from "./errors.js";
import { type PayloadHeader, type Pickled, Serialized } from "./serialized.js";

const serializer = "acme-error";

/**
 * Packs an error with its name, message, code and stack, and with fields of its own.
 *
 * @param error - anything thrown
 * @param fields - further header fields, plain wire values
 * @example
 * ```ts
 * const payload = encodePlainError(new RangeError("too far"));
 * plainErrorFields(payload)?.get("message"); // "too far"
 * ```
 */
export function encodePlainError(
  error: unknown,
  fields: Readonly<Record<string, unknown>> = {},
): Serialized {
  const isError = error instanceof Error;
  return plainErrorOf({
    name: isError ? error.name : "Error",
    message: isError ? error.message : String(error),
    stack: isError ? (error.stack ?? "") : "",
    ...(isAcmeError(error) ? { code: error.code } : {}),
    ...fields,
  });
}

/**
 * The payload of an error that exists only as its fields, such as one that a core decides on.
 *
 * @param fields - `message`, and what else there is to tell, as plain wire values
 */
export function plainErrorOf(fields: Readonly<Record<string, unknown>>): Serialized {
  return new Serialized({ serializer, ...fields });
}

/** The fields of a plain error; undefined if the payload is none. */
export function plainErrorFields(payload: Serialized | Pickled): PayloadHeader | undefined {
  if (!(payload instanceof Serialized)) return undefined;
  return payload.header.get("serializer") === serializer ? payload.header : undefined;
}
