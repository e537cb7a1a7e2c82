// Packs one task function: the same document a value would become, with a hash to know it by.
// How a function is described and written is left to write-functions.ts; sending it, to others.

import { serializeLimits } from "../limits.js";
import { FunctionShipError } from "../ship-error.js";
import { GraphEncoder } from "../values/encode.js";
import { finishValue, framesBytes } from "../values/encoded-value.js";
import { hashFrames } from "../values/frame-hash.js";
import { functionName } from "./describe.js";
import { packedBefore, rememberPacked } from "./packed-before.js";
import type { FunctionWarning } from "./warnings.js";
import { type WrittenFunction, writeFunctions } from "./write-functions.js";

/** How a packed function is found again: imported, rebuilt from text, or known everywhere. */
export type PackedKind = "reference" | "value" | "builtin";

/** A function ready to travel. */
export interface PackedFunction {
  /** SHA-256 of the frames in hexadecimal; the same for the same function in every process. */
  readonly hash: string;
  readonly name: string;
  readonly kind: PackedKind;
  readonly frames: readonly Uint8Array[];
  /** Keys of remote values (futures) among what it captured. */
  readonly refs: readonly string[];
  readonly warnings: readonly FunctionWarning[];
}

/** What packing may be told. */
export interface PackOptions {
  /** Gives the key of a captured value that lives elsewhere. */
  readonly refOf?: ((value: object) => string | undefined) | undefined;
}

/** A packed function and the parts it was made of. */
export interface PackedParts {
  readonly packed: PackedFunction;
  readonly functions: readonly WrittenFunction[];
}

/**
 * Packs a function for other processes: by reference when a module exports it, by value, with
 * everything it captured, when it is a closure or belongs to the main module. A variable that two
 * functions share becomes a copy in each; objects stay shared within one packed function.
 *
 * @param fn - any function that is not a class
 * @param options - how captured futures are recognised
 * @throws FunctionShipError naming what cannot travel, where it was reached and what to do
 * @example
 * ```ts
 * const offset = 10;
 * const packed = await packFunction((x: number) => x + offset);
 * const again = await loadFunction(packed.frames, { hash: packed.hash });
 * again(1); // 11
 * ```
 */
export async function packFunction(
  fn: (...args: never[]) => unknown,
  options: PackOptions = {},
): Promise<PackedFunction> {
  const known = packedBefore(fn);
  if (known !== undefined) return known;
  const parts = await packParts(fn, options);
  rememberPacked(fn, parts);
  return parts.packed;
}

/** Packs a function and keeps what its report is made of. */
export async function packParts(fn: unknown, options: PackOptions): Promise<PackedParts> {
  refuseUncallable(fn);
  const name = functionName(fn);
  const encoder = new GraphEncoder(options);
  const root = encoder.functionNode(fn);
  const { warnings, functions } = await writeFunctions(encoder);
  const { frames, refs } = finishValue(encoder, root);
  const first = functions[0]?.description;
  const kind: PackedKind =
    first?.kind === "builtin" || first?.kind === "reference" ? first.kind : "value";
  const unbound = thisWarning(first);
  if (unbound !== undefined) warnings.push(unbound);
  const large = sizeWarning(name, framesBytes(frames), first);
  if (large !== undefined) warnings.push(large);
  return { packed: { hash: hashFrames(frames), name, kind, frames, refs, warnings }, functions };
}

function refuseUncallable(fn: unknown): asserts fn is (...args: unknown[]) => unknown {
  const isClass =
    typeof fn === "function" && /^class[\s{]/.test(Function.prototype.toString.call(fn));
  if (typeof fn === "function" && !isClass) return;
  const name = isClass ? functionName(fn as object) || "C" : "";
  throw new FunctionShipError("NOT_CALLABLE", {
    what: isClass
      ? `class ${name} cannot be a task: classes can only be called with 'new'`
      : `a task must be a function, not ${fn === null ? "null" : `a ${typeof fn}`}`,
    hint: isClass ? `wrap it: (...args) => new ${name}(...args)` : "pass the function itself",
  });
}

// Only of the task itself: methods that it calls on objects get their `this` as always.
function thisWarning(
  description: WrittenFunction["description"] | undefined,
): FunctionWarning | undefined {
  if (description?.kind !== "source" || !description.record.usesThis) return undefined;
  const { location } = description.anatomy;
  const message = `the function at ${location} uses 'this', which is undefined in a task`;
  return { code: "USES_THIS", message, location };
}

function sizeWarning(
  name: string,
  bytes: number,
  description: WrittenFunction["description"] | undefined,
): FunctionWarning | undefined {
  if (bytes <= serializeLimits.captureWarnBytes) return undefined;
  const location = description?.kind === "source" ? description.anatomy.location : undefined;
  const size = `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const advice = "pass the data as an argument, or scatter it once and pass the future";
  if (bytes > serializeLimits.captureMaxBytes) {
    const limit = serializeLimits.captureMaxBytes / 2 ** 20;
    throw new FunctionShipError("CAPTURE_SIZE", {
      what: `function '${name}' has captured ${size} of data, more than the limit of ${limit} MiB`,
      hint: advice,
      location,
    });
  }
  const message = `function '${name}' has captured ${size} of data: ${advice}`;
  return { code: "LARGE_CAPTURE", message, location };
}
