// Several pieces of bytes as one, the form in which Python answers: their number, their lengths,
// then the pieces. The same as `join` in materialize.py. Must not know what is in them.

import { PythonError } from "../errors.js";
import { pythonLimits } from "../limits.js";

/** Bytes of the head of so many pieces. */
const headBytes = (count: number): number => 4 + 8 * count;

/**
 * Takes joined pieces apart, without copying.
 *
 * @throws PythonError if the bytes are no joined pieces
 */
export function splitPieces(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 4) throw malformed("it is too short");
  const count = view.getUint32(0, true);
  if (count > pythonLimits.pieces) throw malformed(`it claims to have ${count} pieces`);
  let at = headBytes(count);
  if (bytes.byteLength < at) throw malformed("its head is cut off");
  const pieces: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const end = at + Number(view.getBigUint64(4 + 8 * i, true));
    if (end > bytes.byteLength) throw malformed("its pieces are cut off");
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

/** The head that makes pieces one when they are written after it. */
export function headOfPieces(pieces: readonly Uint8Array[]): Uint8Array {
  const head = new Uint8Array(headBytes(pieces.length));
  const view = new DataView(head.buffer);
  view.setUint32(0, pieces.length, true);
  for (const [i, { byteLength }] of pieces.entries()) {
    view.setBigUint64(4 + 8 * i, BigInt(byteLength), true);
  }
  return head;
}

function malformed(why: string): PythonError {
  return new PythonError("PYTHON_FAILED", `Python's answer cannot be read: ${why}`);
}
