// The part of a map call that all its tasks share: the function and the arguments that stay the
// same. Encoded once, kept decoded by its id where tasks run.

import { type PackedFunction, packFunction } from "../functions/pack-function.js";
import type { FunctionWarning } from "../functions/warnings.js";
import { writeFunctions } from "../functions/write-functions.js";
import { packHeader } from "../values/document.js";
import { type EncodeOptions, GraphEncoder } from "../values/encode.js";
import { finishValue } from "../values/encoded-value.js";
import { hashFrames } from "../values/frame-hash.js";
import { Item, writeArguments } from "./item.js";

/** What all tasks of a call share. */
export interface CallTemplate {
  readonly fn: (...args: never[]) => unknown;
  /** Shared values, and `item(n)` where each task has its own. */
  readonly args: readonly unknown[];
}

/** A call template ready to travel. */
export interface EncodedTemplate {
  /** SHA-256 of the frames: the same call encodes to the same id. */
  readonly id: string;
  /** Name of the function, for keys and progress lines. */
  readonly name: string;
  readonly frames: readonly Uint8Array[];
  /** Keys of futures in the function or in shared arguments. */
  readonly refs: readonly string[];
  readonly warnings: readonly FunctionWarning[];
}

/**
 * Encodes what all tasks of a map call share.
 *
 * @param template - the function and its arguments
 * @param options - `refOf` names values that live elsewhere
 * @throws FunctionShipError naming what cannot travel
 * @example
 * ```ts
 * const template = await encodeTemplate({ fn: (x: number, k: number) => x * k, args: [item(0), 3] });
 * const rows = await encodeItems([[1], [2]]);
 * const { fn, args } = await decodeCall(template.frames, rows[1].frames);
 * fn(...args); // 6
 * ```
 */
export async function encodeTemplate(
  template: CallTemplate,
  options: EncodeOptions = {},
): Promise<EncodedTemplate> {
  const packed = await packFunction(template.fn, options);
  const items = itemsOnly(template.args);
  const known = items === undefined ? undefined : ofItems.get(packed)?.get(items);
  if (known !== undefined) return known;
  const made = await encodeParts(packed, template.args, options);
  if (items !== undefined) {
    const ofPacked = ofItems.get(packed) ?? new Map<string, EncodedTemplate>();
    ofItems.set(packed, ofPacked.set(items, made));
  }
  return made;
}

/** By what they are made of: a packing that comes a second time is that of a settled function. */
const ofItems = new WeakMap<PackedFunction, Map<string, EncodedTemplate>>();

/** Arguments that say nothing but which item they are, as one text. */
function itemsOnly(args: readonly unknown[]): string | undefined {
  let text = "";
  for (const arg of args) {
    if (!(arg instanceof Item)) return undefined;
    text += `${arg.index} `;
  }
  return text;
}

async function encodeParts(
  packed: PackedFunction,
  args: readonly unknown[],
  options: EncodeOptions,
): Promise<EncodedTemplate> {
  const encoder = new GraphEncoder(options);
  const root = writeArguments(encoder, args);
  const { warnings } = await writeFunctions(encoder);
  const shared = finishValue(encoder, root, warnings);
  const header = packHeader([packed.hash, packed.frames.length, args.length]);
  const frames = [header, ...packed.frames, ...shared.frames];
  return {
    id: hashFrames(frames),
    name: packed.name,
    frames,
    refs: [...packed.refs, ...shared.refs],
    warnings: [...packed.warnings, ...warnings],
  };
}
