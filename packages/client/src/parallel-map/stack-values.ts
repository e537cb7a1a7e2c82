// One array over all calls in memory, as `resultShape` asks for it with `output: "memory"`. Where
// each element goes is decided in stacked-elements.ts.
import type { Dtype, NDArray, TypedArray } from "@acme/hdf5";
import { asArray } from "@acme/hdf5";
import type { ResultLayout } from "./result-layout.js";
import {
  type ElementSource,
  raggedLengths,
  stackedElements,
  stackedShape,
} from "./stacked-elements.js";

/** What `compute({ output: "memory", resultShape })` gives. */
export interface StackedResults {
  /** Elements in C order; complex numbers are interleaved, `float16` are bits, `bool` are 0 and 1. */
  readonly data: TypedArray;
  readonly shape: readonly number[];
  /** numpy's name of the element type. */
  readonly dtype: Dtype;
  /** Length of each result along the dimension that is `Infinity` in `resultShape`. */
  readonly lengths?: readonly number[];
  /** What calls returned besides, per call; only if one did. */
  readonly others?: readonly (readonly NDArray[])[];
}

/** @param values - the arrays of each call; a call that failed has none, and shows as NaN or 0 */
export async function stackValues(
  layout: ResultLayout,
  values: readonly (readonly NDArray[] | null | undefined)[],
): Promise<StackedResults> {
  const arrays = values.map((outputs) => outputs?.[0]);
  const sources = arrays.map((array) => array && elementsOf(array));
  const stream = stackedElements(layout, sources);
  const bytes = new Uint8Array(stream.length);
  let at = 0;
  for await (const chunk of stream.blocks()) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  // An empty array of the right type tells which class carries it.
  const { data, dtype } = asArray({ data: [], shape: [0] }, { dtype: layout.dtype });
  const View = data.constructor as new (buffer: ArrayBufferLike) => TypedArray;
  const lengths = raggedLengths(
    layout,
    arrays.map((array) => array?.shape),
  );
  const others = values.map((outputs) => outputs?.slice(1) ?? []);
  return {
    data: new View(bytes.buffer),
    shape: stackedShape(layout, sources),
    dtype,
    ...(lengths === undefined ? {} : { lengths }),
    ...(others.some(({ length }) => length > 0) ? { others } : {}),
  };
}

function elementsOf({ data, shape }: NDArray): ElementSource {
  const { buffer, byteOffset } = data as TypedArray;
  return { shape, read: (at, length) => new Uint8Array(buffer, byteOffset + at, length) };
}
