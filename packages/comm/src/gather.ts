// Messages of one turn to the fewest buffers for the operating system: small frames are copied
// together with their headers, large ones go as they are.
import { frameHeader } from "@acme/protocol";
import type { Frames } from "./transport.js";

/** Gathered buffers end here, so that one turn never asks for one huge allocation. */
const gatheredBytesMax = 2 ** 20;

/**
 * @param messages - frames of each message
 * @param gatherFrameBytes - frames below this are copied
 * @returns buffers to write, in order
 */
export function gather(messages: readonly Frames[], gatherFrameBytes: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let run: Uint8Array[] = [];
  let runBytes = 0;
  const endRun = (): void => {
    if (run.length > 0) chunks.push(run.length === 1 ? run[0]! : Buffer.concat(run, runBytes));
    run = [];
    runBytes = 0;
  };
  const add = (piece: Uint8Array): void => {
    if (piece.byteLength >= gatherFrameBytes) {
      endRun();
      chunks.push(piece);
      return;
    }
    if (piece.byteLength === 0) return;
    run.push(piece);
    runBytes += piece.byteLength;
    if (runBytes >= gatheredBytesMax) endRun();
  };
  for (const frames of messages) {
    add(frameHeader(frames));
    for (const frame of frames) add(frame);
  }
  endRun();
  return chunks;
}
