// Encodes values for other processes, in batches: plain data synchronously without a walk that
// copies, everything else through the graph walk, with at most one wait for functions inside.

import { type DescriptionMemo, writeFunctions } from "../functions/write-functions.js";
import { type EncodeOptions, GraphEncoder } from "./encode.js";
import { type EncodedValue, finishValue, plainValue } from "./encoded-value.js";
import { PlainCheck } from "./plain.js";
import type { Container } from "./tags.js";

interface Unfinished {
  readonly index: number;
  readonly encoder: GraphEncoder;
  readonly holder: Container;
}

/**
 * Encodes many values, each on its own: identity is kept inside a value, not between them.
 *
 * @param values - data of any kind, class instances, functions and classes
 * @param options - `refOf` names values that live elsewhere
 * @throws FunctionShipError for values that cannot leave the process
 * @example
 * ```ts
 * const [first] = await encodeValues([{ when: new Date(0), data: new Float64Array(1e6) }]);
 * first.frames.length; // 2: the document and the array's own memory, uncopied
 * ```
 */
export async function encodeValues(
  values: readonly unknown[],
  options: EncodeOptions = {},
): Promise<EncodedValue[]> {
  const encoded = new Array<EncodedValue>(values.length);
  const unfinished: Unfinished[] = [];
  const check = new PlainCheck();
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (check.accepts(value)) {
      encoded[index] = plainValue(value);
      continue;
    }
    const encoder = new GraphEncoder(options);
    const holder: Container = {};
    encoder.put(holder, "root", value, []);
    if (encoder.pending.length === 0) encoded[index] = finishValue(encoder, holder.root);
    else unfinished.push({ index, encoder, holder });
  }
  // A function or class that many rows share is examined once for all of them.
  const memo: DescriptionMemo = new Map();
  for (const { index, encoder, holder } of unfinished) {
    const { warnings } = await writeFunctions(encoder, { memo });
    encoded[index] = finishValue(encoder, holder.root, warnings);
  }
  return encoded;
}

/**
 * Encodes one value; see {@link encodeValues}.
 *
 * @example
 * ```ts
 * const { frames } = await encodeValue(new Map([["a", 1n]]));
 * await decodeValue(frames); // Map { "a" => 1n }
 * ```
 */
export async function encodeValue(
  value: unknown,
  options: EncodeOptions = {},
): Promise<EncodedValue> {
  const [encoded] = await encodeValues([value], options);
  return encoded as EncodedValue;
}
