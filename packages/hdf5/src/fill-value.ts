// Fill value messages: what readers show where nothing was written.
// Must not know dtypes: the value comes as bytes already, from elements.ts.
import { ByteWriter } from "./bytes.js";

/** When space is allocated: the two low bits of the fill value message's flags. */
export const Allocate = { early: 1, late: 2, incremental: 3 } as const;

/** The body of a fill value message; without `fill` readers use zero. */
export function encodeFill(fill: Uint8Array | undefined, allocate: number): Uint8Array {
  const writeIfSet = 2 << 2;
  const defined = 1 << 5;
  if (fill === undefined)
    return new ByteWriter()
      .u8(3)
      .u8(allocate | writeIfSet)
      .finish();
  const flags = allocate | writeIfSet | defined;
  return new ByteWriter().u8(3).u8(flags).u32(fill.length).bytes(fill).finish();
}
