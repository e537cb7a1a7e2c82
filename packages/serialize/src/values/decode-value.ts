// Decodes values received from other processes; synchronous whenever no module must be loaded.
// Must not know tasks: which values a call takes, and where they come from, is for others.

import { makeFunction } from "../load/make-function.js";
import { prepareFunctions } from "../load/prepare.js";
import { isPromise, type MaybePromise, whenReady } from "../maybe-promise.js";
import { type DecodeOptions, GraphDecoder } from "./decode.js";
import { asBadDocument, unpackDocument } from "./document.js";

/**
 * Decodes a value made by `encodeValue`. The result comes at once, without a promise, unless a
 * function or class inside needs a module that this process has not loaded yet.
 *
 * @param frames - the frames of one encoded value; they may be backed by a SharedArrayBuffer
 * @param options - how remote values are resolved and whether buffers are private copies
 * @throws FunctionShipError with code BAD_DOCUMENT, or those of loading functions
 * @example
 * ```ts
 * const value = await decodeValue(frames, { resolveRef: (key) => store.get(key) });
 * ```
 */
export function decodeValue(
  frames: readonly Uint8Array[],
  options: DecodeOptions & { readonly items?: readonly unknown[] } = {},
): MaybePromise<unknown> {
  try {
    const value = decode(frames, options);
    return isPromise(value) ? value.catch(rethrow) : value;
  } catch (error) {
    return rethrow(error);
  }
}

function rethrow(error: unknown): never {
  throw asBadDocument(error);
}

function decode(
  frames: readonly Uint8Array[],
  options: DecodeOptions & { readonly items?: readonly unknown[] },
): MaybePromise<unknown> {
  const document = unpackDocument(frames[0]);
  if (document.plain) return document.value;
  const run = () => {
    const decoder = new GraphDecoder(document, frames, options, makeFunction);
    if (options.items !== undefined) decoder.items = options.items;
    return decoder.run();
  };
  if (document.functions.length === 0) return run();
  return whenReady(prepareFunctions(document), run);
}
