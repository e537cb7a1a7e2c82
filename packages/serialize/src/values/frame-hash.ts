// The identity of encoded things: a hash over their frames.
// Lengths are hashed too, so that the same bytes cut otherwise are something else.

import { createHash } from "node:crypto";

/** SHA-256 of frames in hexadecimal; the same in every process that encodes the same thing. */
export function hashFrames(frames: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const frame of frames) hash.update(`${frame.byteLength}:`).update(frame);
  return hash.digest("hex");
}
