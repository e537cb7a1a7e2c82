// Arithmetic of shapes and strides, and the one loop that copies a strided view to C order.
// Knows no dtypes and no files; every bound is checked by the caller, in elements of the view.
import type { TypedArray } from "./dtype.js";

export interface StridedLayout {
  readonly shape: readonly number[];
  /** In elements. */
  readonly strides: readonly number[];
  /** In elements. */
  readonly offset: number;
  /** Data entries per element: 2 for complex. */
  readonly entries: number;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

/** The first data entry a view touches and the one after its last. */
export function viewRange(layout: StridedLayout): [first: number, end: number] {
  const { shape, strides, offset, entries } = layout;
  if (sizeOf(shape) === 0) return [0, 0];
  let low = offset;
  let high = offset;
  for (const [i, stride] of strides.entries()) {
    const reach = ((shape[i] ?? 1) - 1) * stride;
    if (reach < 0) low += reach;
    else high += reach;
  }
  return [low * entries, (high + 1) * entries];
}

export function isContiguous(layout: StridedLayout): boolean {
  if (sizeOf(layout.shape) === 0) return true;
  const expected = rowMajorStrides(layout.shape);
  return layout.shape.every((n, i) => n === 1 || layout.strides[i] === expected[i]);
}

/** Copies the elements of a view to a new array in C order. */
export function gather<T extends TypedArray | readonly string[]>(
  data: T,
  layout: StridedLayout,
): T {
  const { shape, strides, entries } = layout;
  const size = sizeOf(shape) * entries;
  const make = data.constructor as new (length: number) => T;
  const out = new make(size) as unknown as Record<number, unknown>;
  const source = data as unknown as Record<number, unknown>;
  const inner = shape.at(-1)!;
  const innerStep = strides.at(-1)! * entries;
  const index = new Array<number>(shape.length - 1).fill(0);
  let from = layout.offset * entries;
  let to = 0;
  while (to < size) {
    for (let i = 0, at = from; i < inner; i++, at += innerStep) {
      for (let e = 0; e < entries; e++) out[to++] = source[at + e];
    }
    for (let d = index.length - 1; d >= 0; d--) {
      from += strides[d]! * entries;
      index[d]!++;
      if (index[d]! < shape[d]!) break;
      from -= strides[d]! * entries * shape[d]!;
      index[d] = 0;
    }
  }
  return out as unknown as T;
}
