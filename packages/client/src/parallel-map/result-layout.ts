// Understands `resultShape`: which dimension results are stacked along, and what shape each has.
// Plain data, because it is checked where the calls run.
import { parseDtype } from "@acme/hdf5";
import { ArgumentError } from "../errors.js";

/** `null` stands for the number of calls; `Infinity` for a length that differs between results. */
export type ResultShape = readonly (number | null)[];

/** How results become one array. */
export interface ResultLayout {
  /** Shape of one result; one entry may be `Infinity`. */
  readonly slot: readonly number[];
  /** Where the dimension of the calls goes among those of a result. */
  readonly stackAt: number;
  /** numpy name of the element type. */
  readonly dtype: string;
}

/**
 * Checks what the user wants of the shape of results.
 *
 * @throws ArgumentError unless there is one null, at most one Infinity, else whole numbers
 */
export function resultLayout(shape: ResultShape, dtype: string): ResultLayout {
  const wrong = (why: string) => new ArgumentError(`resultShape ${shapeText(shape)}: ${why}`);
  if (!Array.isArray(shape)) throw new ArgumentError("resultShape is not a list of dimensions");
  const stackAt = shape.indexOf(null);
  const slot = shape.filter((size) => size !== null);
  if (slot.length !== shape.length - 1) {
    throw wrong("exactly one dimension must be null, the one along which results are stacked");
  }
  if (slot.filter((size) => size === Number.POSITIVE_INFINITY).length > 1) {
    throw wrong("only one dimension may be Infinity");
  }
  const isSize = (size: unknown) =>
    size === Number.POSITIVE_INFINITY || (Number.isSafeInteger(size) && (size as number) >= 0);
  if (!slot.every(isSize)) throw wrong("dimensions are whole numbers from 0 on");
  return { slot, stackAt, dtype };
}

/** @throws ArgumentError if numpy has no such type, or it is none of numbers */
export function resultDtype(name: string): string {
  try {
    const dtype = parseDtype(name);
    if (dtype !== "str" && !dtype.startsWith("S")) return dtype;
  } catch (cause) {
    throw new ArgumentError(`resultDtype: ${(cause as Error).message}`, { cause });
  }
  throw new ArgumentError(`resultDtype "${name}" is text: give a type of numbers`);
}

/** Whether a result of this shape has its place in the stack. */
export function fitsSlot({ slot }: ResultLayout, shape: readonly number[]): boolean {
  if (shape.length !== slot.length) return false;
  return slot.every((size, at) => size === Number.POSITIVE_INFINITY || size === shape[at]);
}

/** `"[28, 28]"`, `"[] (a single value)"`. */
export function shapeText(shape: ResultShape): string {
  return shape.length === 0 ? "[] (a single value)" : `[${Array.from(shape, String).join(", ")}]`;
}
