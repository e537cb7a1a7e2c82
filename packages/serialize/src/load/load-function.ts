// Loads packed functions and keeps them, so that a function is rebuilt once per process.
// How a function is rebuilt is left to the decoder; calling it, to the worker.

import { serializeLimits } from "../limits.js";
import { LruMap } from "../lru-map.js";
import { FunctionShipError } from "../ship-error.js";
import type { DecodeOptions } from "../values/decode.js";
import { decodeValue } from "../values/decode-value.js";
import { hashFrames } from "../values/frame-hash.js";

/** A function that was sent here. */
export type LoadedFunction = (...args: unknown[]) => unknown;

/** What loading may be told. Captured buffers are always copied: the function is kept. */
export interface LoadOptions extends Pick<DecodeOptions, "resolveRef"> {
  /** Hash of the frames; computed when absent. Functions are kept by it. */
  readonly hash?: string | undefined;
}

const loaded = new LruMap<string, Promise<LoadedFunction>>(serializeLimits.loadedFunctions);

/**
 * Loads a function packed by `packFunction`; the same hash gives the same function again.
 *
 * @param frames - the frames of the packed function
 * @param options - its hash, if known, and how captured futures are resolved
 * @throws FunctionShipError when a module is missing, differs or fails on this host
 * @example
 * ```ts
 * const f = await loadFunction(packed.frames, { hash: packed.hash });
 * await f(2);
 * ```
 */
export function loadFunction(
  frames: readonly Uint8Array[],
  options: LoadOptions = {},
): Promise<LoadedFunction> {
  const hash = options.hash ?? hashFrames(frames);
  const known = loaded.get(hash);
  if (known !== undefined) return known;
  const loading = load(frames, options);
  loaded.set(hash, loading);
  // A failure is not kept: the file may be there the next time.
  loading.catch(() => loaded.delete(hash));
  return loading;
}

async function load(frames: readonly Uint8Array[], options: LoadOptions): Promise<LoadedFunction> {
  const made = await decodeValue(frames, { resolveRef: options.resolveRef });
  if (typeof made === "function") return made as LoadedFunction;
  throw new FunctionShipError("NOT_CALLABLE", {
    what: "the received task function is not a function",
    hint: "send frames made by packFunction",
  });
}
