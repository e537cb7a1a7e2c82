// Errors between processes. Writing one never fails: what cannot travel becomes text, because an
// error about an error would hide the first.

import { inspect } from "node:util";
import { RemoteError } from "@acme/protocol";
import { serializeLimits } from "../limits.js";
import { FunctionShipError } from "../ship-error.js";
import { bareError } from "./decode-special.js";
import { decodeValue } from "./decode-value.js";
import { asBadDocument } from "./document.js";
import { GraphEncoder } from "./encode.js";
import { type EncodedValue, finishValue, plainValue } from "./encoded-value.js";
import { errorBaseName } from "./native-bases.js";
import { PlainCheck } from "./plain.js";

/** An error as it travels; plain data but for the values of its properties. */
interface ErrorRecord {
  readonly base: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly cause?: ErrorPart;
  readonly errors?: readonly ErrorPart[];
}

type ErrorPart = { readonly error: ErrorRecord } | { readonly value: unknown };

/**
 * Encodes whatever a task threw. Never throws itself: properties that cannot travel become text.
 *
 * @param error - anything that was thrown
 * @example
 * ```ts
 * const { frames } = encodeError(new RangeError("too long", { cause: { at: 3 } }));
 * const error = decodeError(frames); // RangeError: too long, with its first stack and cause
 * ```
 */
export function encodeError(error: unknown): EncodedValue {
  try {
    return encodeNow(partOf(error, 0));
  } catch {
    // A getter or a proxy in the way: text still gets through.
    return plainValue({ error: textRecord(error) });
  }
}

/**
 * Decodes an error made by `encodeError`: an error of its built-in class, or a RemoteError that
 * carries the name of its own. A thrown value that was no error becomes the `cause` of one.
 *
 * @param frames - the frames of an encoded error
 */
export function decodeError(frames: readonly Uint8Array[]): Error {
  try {
    return errorIn(decodeValue(frames));
  } catch (error) {
    throw asBadDocument(error);
  }
}

function errorIn(decoded: unknown): Error {
  const part = decoded as ErrorPart;
  if ("error" in part) return errorOf(part.error);
  const thrown = part.value;
  const message = `a task threw a value that is no Error: ${text(thrown)}`;
  return new RemoteError(message, { cause: thrown });
}

function encodeNow(part: ErrorPart): EncodedValue {
  if (new PlainCheck().accepts(part)) return plainValue(part);
  const encoder = new GraphEncoder();
  const root = encoder.encode(part);
  return finishValue(encoder, root);
}

function partOf(thrown: unknown, depth: number): ErrorPart {
  if (!isErrorLike(thrown)) return { value: shippable(thrown) };
  if (depth > serializeLimits.errorCauseDepth) return { value: text(thrown) };
  const properties: Record<string, unknown> = {};
  for (const key of Object.keys(thrown)) {
    if (key === "cause" || key === "errors" || key === "__proto__") continue;
    properties[key] = shippable(read(thrown, key));
  }
  const code = read(thrown, "code");
  if (code !== undefined && !("code" in properties)) properties.code = shippable(code);
  const record = { ...textRecord(thrown), properties };
  const cause = "cause" in thrown ? { cause: partOf(read(thrown, "cause"), depth + 1) } : {};
  const errors = read(thrown, "errors");
  if (!Array.isArray(errors)) return { error: { ...record, ...cause } };
  const kept = errors.slice(0, serializeLimits.aggregateErrors);
  const parts = kept.map((one) => partOf(one, depth + 1));
  return { error: { ...record, ...cause, errors: parts } };
}

function isErrorLike(thrown: unknown): thrown is Error {
  return (
    thrown instanceof Error ||
    (typeof thrown === "object" &&
      thrown !== null &&
      typeof read(thrown, "message") === "string" &&
      typeof read(thrown, "stack") === "string")
  );
}

function read(holder: object, key: string): unknown {
  try {
    return Reflect.get(holder, key);
  } catch {
    // A getter that throws has nothing to tell.
    return undefined;
  }
}

function textRecord(thrown: unknown): ErrorRecord {
  const holder = typeof thrown === "object" && thrown !== null ? thrown : {};
  const message = read(holder, "message");
  const name = read(holder, "name");
  const stack = read(holder, "stack");
  return {
    base: baseName(holder),
    name: typeof name === "string" ? name : "Error",
    message: typeof message === "string" ? message : text(thrown),
    stack: typeof stack === "string" ? stack : "",
    properties: {},
  };
}

function baseName(holder: object): string {
  try {
    return errorBaseName(holder);
  } catch {
    // A proxy whose traps throw.
    return "Error";
  }
}

/** The value itself if it can be encoded at once, its text otherwise. */
function shippable(value: unknown): unknown {
  if (new PlainCheck().accepts(value)) return value;
  const encoder = new GraphEncoder();
  try {
    encoder.encode(value);
    if (encoder.pending.length === 0) return value;
  } catch (error) {
    // Only the refusal of a value is expected here; anything else is a bug worth seeing.
    if (!(error instanceof FunctionShipError)) return text(value);
  }
  return text(value);
}

function text(value: unknown): string {
  try {
    return inspect(value, { depth: 1 }).slice(0, serializeLimits.errorTextLength);
  } catch {
    // A proxy or a custom inspector that throws.
    return "[unreadable value]";
  }
}

function errorOf(record: ErrorRecord): Error {
  const { base, name, message, stack } = record;
  const error = name === base ? bareError(base) : bareRemote();
  hide(error, "message", message);
  if (error.name !== name) hide(error, "name", name);
  hide(error, "stack", stack === "" ? `${name}: ${message}` : stack);
  for (const [key, value] of Object.entries(record.properties)) {
    Object.defineProperty(error, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  if (record.cause !== undefined) hide(error, "cause", decodedPart(record.cause));
  if (record.errors !== undefined) hide(error, "errors", record.errors.map(decodedPart));
  return error;
}

function bareRemote(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new RemoteError();
  Error.stackTraceLimit = limit;
  return error;
}

function decodedPart(part: ErrorPart): unknown {
  return "error" in part ? errorOf(part.error) : part.value;
}

function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, {
    value,
    enumerable: false,
    writable: true,
    configurable: true,
  });
}
