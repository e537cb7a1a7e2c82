// Shapes and selections as HDF5 spells them: dataspace message bodies and serialized selections.
// Knows no elements and no addresses: only extents, starts and counts.
import { ByteWriter, UNDEFINED } from "./bytes.js";
import { Hdf5Error } from "./errors.js";
import { RANK_MAX } from "./limits.js";

const SIMPLE = 1;
const SCALAR = 0;
const HYPERSLAB = 2;
const ALL = 3;

/** The dataspace message body of a shape; `maxShape` entries may be `Infinity`. */
export function encodeDataspace(
  shape: readonly number[],
  maxShape?: readonly number[],
): Uint8Array {
  if (shape.length > RANK_MAX) {
    throw new Hdf5Error(
      "invalid-option",
      `an array of ${shape.length} dimensions cannot be stored; HDF5 stops at ${RANK_MAX}`,
      { rank: shape.length },
    );
  }
  const writer = new ByteWriter()
    .u8(2)
    .u8(shape.length)
    .u8(maxShape === undefined ? 0 : 1)
    .u8(shape.length === 0 ? SCALAR : SIMPLE);
  for (const n of shape) writer.u64(n);
  for (const n of maxShape ?? []) writer.u64(n === Infinity ? UNDEFINED : n);
  return writer.finish();
}

/** The selection of a whole dataspace. */
export function selectAll(): Uint8Array {
  return new ByteWriter().u32(ALL).u32(1).u32(0).u32(0).finish();
}

/** The selection of one block; `Infinity` in `count` means to the end, however far it grows. */
export function selectBlock(start: readonly number[], count: readonly number[]): Uint8Array {
  const rank = start.length;
  const far = start.some((from, i) => from + count[i]! > 0xffff_ffff);
  if (!far) {
    const writer = new ByteWriter()
      .u32(HYPERSLAB)
      .u32(1)
      .u32(0)
      .u32(8 + 8 * rank);
    writer.u32(rank).u32(1);
    for (const from of start) writer.u32(from);
    for (const [i, from] of start.entries()) writer.u32(from + count[i]! - 1);
    return writer.finish();
  }
  const regular = 1;
  const writer = new ByteWriter()
    .u32(HYPERSLAB)
    .u32(2)
    .u8(regular)
    .u32(4 + 32 * rank);
  writer.u32(rank);
  for (const [i, from] of start.entries()) {
    const endless = count[i] === Infinity;
    writer.u64(from).u64(1);
    writer.u64(endless ? UNDEFINED : 1).u64(endless ? 1 : count[i]!);
  }
  return writer.finish();
}
