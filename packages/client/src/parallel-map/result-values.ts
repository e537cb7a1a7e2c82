// From what a function returned to the datasets of its file, by ACME's rules: a list of plain
// values is one dataset, any other list is one dataset per element. Knows no files.
import { asArray, convert, Hdf5Error, type NDArray } from "@acme/hdf5";
import { ResultShapeError, ResultValueError } from "./map-errors.js";
import { isTuple } from "./outputs.js";
import { fitsSlot, type ResultLayout, shapeText } from "./result-layout.js";

export interface ValueRules {
  /** Number of the call, for messages. */
  readonly index: number;
  /** Results are stacked: their shape is checked, and plain values stay scalars. */
  readonly layout: ResultLayout | null;
  /** Element type of the first dataset; null: as it comes. */
  readonly dtype: string | null;
}

/**
 * The arrays `result_0`, `result_1`, … of one returned value.
 *
 * @returns undefined for what HDF5 cannot hold: null, objects, mixed or ragged lists
 * @throws ResultShapeError, ResultValueError
 */
export function resultArrays(value: unknown, rules: ValueRules): NDArray[] | undefined {
  const arrays = plainArrays(outputsOf(value, rules.layout), rules.index);
  const first = arrays?.[0];
  if (arrays === undefined) return undefined;
  if (rules.layout !== null) checkShape(first, rules.layout, rules.index);
  if (first === undefined || rules.dtype === null) return arrays;
  return [converted(first, rules.dtype, rules.index), ...arrays.slice(1)];
}

/** One entry per dataset. */
function outputsOf(value: unknown, layout: ResultLayout | null): readonly unknown[] {
  if (isTuple(value)) return value;
  if (!Array.isArray(value)) return layout === null && isPlain(value) ? [[value]] : [value];
  if (layout === null) return value.every(isPlain) ? [value] : value;
  // A list is a list of outputs, as in ACME, unless only the list as a whole can fill the slot.
  const rank = layout.slot.length;
  return depthOf(value[0]) !== rank && depthOf(value) === rank ? [value] : value;
}

function isPlain(value: unknown): boolean {
  const type = typeof value;
  return type === "number" || type === "string" || type === "boolean" || type === "bigint";
}

function depthOf(value: unknown): number {
  if (Array.isArray(value)) return 1 + depthOf(value[0]);
  if (typeof value !== "object" || value === null) return 0;
  if (ArrayBuffer.isView(value)) return 1;
  return "shape" in value && Array.isArray(value.shape) ? value.shape.length : 0;
}

/** What HDF5 cannot hold is kept in another format; a wrong array is an error of the function. */
const unstorable = new Set(["unsupported-value", "mixed-array", "ragged-array", "invalid-text"]);

function plainArrays(outputs: readonly unknown[], index: number): NDArray[] | undefined {
  try {
    return outputs.map((output) => asArray(output));
  } catch (error) {
    if (!(error instanceof Hdf5Error)) throw error;
    if (unstorable.has(error.code)) return undefined;
    throw new ResultValueError(index, error.message, error);
  }
}

function checkShape(first: NDArray | undefined, layout: ResultLayout, index: number): void {
  if (first !== undefined && fitsSlot(layout, first.shape)) return;
  const got = first === undefined ? "of an empty list" : shapeText(first.shape);
  throw new ResultShapeError(index, shapeText(layout.slot), got);
}

function converted(array: NDArray, dtype: string, index: number): NDArray {
  try {
    return convert(array, dtype);
  } catch (error) {
    if (!(error instanceof Hdf5Error)) throw error;
    const { value, from, index: at } = error.fields;
    const why =
      error.code === "lossy-conversion"
        ? `element ${at} (${value}) does not survive from ${from} to ${dtype}; ` +
          "give another resultDtype, or round it before it is returned"
        : error.message;
    throw new ResultValueError(index, why, error);
  }
}
