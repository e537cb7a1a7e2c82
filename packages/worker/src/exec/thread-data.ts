// What both sides of a thread executor agree on besides batches: the data it starts with, and the
// message that says "look at the cells".
import type { Batch } from "./batch.js";

export interface ThreadData {
  readonly cells: SharedArrayBuffer;
  readonly cellBytes: number;
  readonly sharedFrameBytes: number;
  readonly yieldMs: number;
  readonly quickMs: number;
  readonly ringLaterMs: number;
  readonly workerAddress: string;
  readonly memoryLimitBytes: number | undefined;
}

/** Something ended in a cell. */
export const bell = 0;
/** To the thread: collect garbage. From it: that is done. */
export const collect = 1;

/** User code may post to the same port; only batches are ours. */
export function isBatch(message: unknown): message is Batch {
  if (typeof message !== "object" || message === null) return false;
  const { numbers, texts, bytes, large } = message as Partial<Batch>;
  return (
    Array.isArray(numbers) &&
    Array.isArray(texts) &&
    bytes instanceof Uint8Array &&
    Array.isArray(large)
  );
}
