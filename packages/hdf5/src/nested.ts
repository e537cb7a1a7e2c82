// Plain JavaScript values to arrays: scalars and nested rectangular arrays of one kind of value.
// Typed arrays and strided views never come here; another dtype is the business of convert.ts.
import type { Dtype } from "./dtype.js";
import { Hdf5Error } from "./errors.js";
import type { NDArray } from "./ndarray.js";

type Leaf = number | bigint | boolean | string;
type LeafType = "number" | "bigint" | "boolean" | "string";

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/** The array a scalar or nested rectangular array stands for; an empty array is float64. */
export function fromNested(value: unknown): NDArray {
  const shape: number[] = [];
  for (let level = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  const leaves: Leaf[] = [];
  if (shape.length === 0) leaves.push(checkedLeaf(value, undefined));
  else flatten(value as readonly unknown[], shape, 0, leaves);
  return { shape, ...store(leaves) };
}

function flatten(
  level: readonly unknown[],
  shape: readonly number[],
  depth: number,
  leaves: Leaf[],
): void {
  if (level.length !== shape[depth]) throw ragged(shape, depth);
  if (depth < shape.length - 1) {
    for (const item of level) {
      if (!Array.isArray(item)) throw ragged(shape, depth + 1);
      flatten(item, shape, depth + 1, leaves);
    }
    return;
  }
  // A plain index loop sees holes (as undefined) and refuses them; for-of on 10^6 rows is slower.
  for (let i = 0; i < level.length; i++) {
    if (Array.isArray(level[i])) throw ragged(shape, depth + 1);
    leaves.push(checkedLeaf(level[i], leaves[0]));
  }
}

function checkedLeaf(value: unknown, first: Leaf | undefined): Leaf {
  const type = typeof value;
  if (type !== "number" && type !== "bigint" && type !== "boolean" && type !== "string") {
    const name = value === null ? "null" : type;
    throw new Hdf5Error(
      "unsupported-value",
      `an array element is ${name}; elements must all be numbers, bigints, booleans or strings`,
      { type: name },
    );
  }
  if (first !== undefined && typeof first !== type) {
    throw new Hdf5Error(
      "mixed-array",
      `an array holds both ${typeof first} and ${type}; use one kind of value per array`,
      { first: typeof first, other: type },
    );
  }
  return value as Leaf;
}

function ragged(shape: readonly number[], depth: number): Hdf5Error {
  return new Hdf5Error(
    "ragged-array",
    `a nested array is not rectangular: rows differ at depth ${depth} (first shape [${shape}]); ` +
      "pad the rows or store them one by one",
    { depth, shape: shape.join() },
  );
}

function store(leaves: readonly Leaf[]): { data: NDArray["data"]; dtype: Dtype } {
  switch ((leaves.length === 0 ? "number" : typeof leaves[0]) as LeafType) {
    case "number":
      return { data: Float64Array.from(leaves as number[]), dtype: "float64" };
    case "boolean":
      return { data: Uint8Array.from(leaves as boolean[], Number), dtype: "bool" };
    case "string":
      return { data: leaves as string[], dtype: "str" };
    case "bigint":
      return storeBigInts(leaves as bigint[]);
  }
}

function storeBigInts(values: readonly bigint[]): { data: NDArray["data"]; dtype: Dtype } {
  let low = 0n;
  let high = 0n;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low >= INT64_MIN && high <= INT64_MAX) {
    return { data: BigInt64Array.from(values), dtype: "int64" };
  }
  if (low >= 0n && high <= UINT64_MAX) {
    return { data: BigUint64Array.from(values), dtype: "uint64" };
  }
  throw new Hdf5Error(
    "unsupported-value",
    `bigints from ${low} to ${high} fit neither int64 nor uint64; store them as strings`,
    { low, high },
  );
}
