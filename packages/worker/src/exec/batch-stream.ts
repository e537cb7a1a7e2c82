// Batches over a pipe: dask's framing, the numbers and texts as JSON in the first frame, then the
// bytes, then each large frame. Used by both ends of a child process.
import { FrameParser, frameHeader, WireFormatError } from "@acme/protocol";
import type { Batch } from "./batch.js";

/** Where frames are written to; both ends hold a socket. */
export interface ByteSink {
  cork(): void;
  uncork(): void;
  write(bytes: Uint8Array): boolean;
}

/** Writes one batch. */
export function writeBatch(sink: ByteSink, batch: Batch): void {
  const head = new TextEncoder().encode(JSON.stringify([batch.numbers, batch.texts]));
  const frames = [head, batch.bytes, ...batch.large];
  sink.cork();
  sink.write(frameHeader(frames));
  for (const frame of frames) if (frame.byteLength > 0) sink.write(frame);
  sink.uncork();
}

/** A parser that gives each batch of a pipe. `allocate` makes the memory of large frames. */
export function batchParser(
  onBatch: (batch: Batch) => void,
  allocate?: (byteLength: number) => Uint8Array,
): FrameParser {
  const onMessage = (frames: Uint8Array[]) => {
    const [head, bytes, ...large] = frames;
    if (head === undefined || bytes === undefined) {
      throw new WireFormatError("a message of an executor process lacks its frames");
    }
    const parsed: unknown = JSON.parse(new TextDecoder().decode(head));
    const [numbers, texts] = parsed as [number[], string[]];
    onBatch({ numbers, texts, bytes, large });
  };
  return new FrameParser({ onMessage, allocate });
}
