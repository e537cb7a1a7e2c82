// The write loop: puts a list of byte blocks on the disk, checking every count, without copying.
// It knows open files, nothing of HDF5 or of names.
import { crc32 } from "node:zlib";
import type { Part } from "./file-body.js";
import type { OpenFile } from "./file-calls.js";
import { WRITE_CALL_MAX_BYTES, WRITE_PIECES_MAX } from "./limits.js";

export interface Written {
  readonly bytes: number;
  readonly crc32: number;
}

/** Writes all parts at the end of what `handle` wrote before. */
export async function writeParts(
  handle: Pick<OpenFile, "writev">,
  parts: readonly Part[],
): Promise<Written> {
  let bytes = 0;
  let sum = 0;
  const write = async (blocks: readonly Uint8Array[]) => {
    for (const batch of batches(blocks)) {
      for (const piece of batch) {
        sum = crc32(piece, sum);
        bytes += piece.length;
      }
      await writeBatch(handle, batch);
    }
  };
  let from = 0;
  for (const [at, part] of parts.entries()) {
    if (part instanceof Uint8Array) continue;
    await write(parts.slice(from, at) as Uint8Array[]);
    const end = bytes + part.length;
    for await (const block of part.blocks()) await write([block]);
    if (bytes !== end)
      throw new Error(`${bytes - end + part.length} bytes came, not ${part.length}`);
    from = at + 1;
  }
  await write(parts.slice(from) as Uint8Array[]);
  return { bytes, crc32: sum };
}

async function writeBatch(
  handle: Pick<OpenFile, "writev">,
  batch: readonly Uint8Array[],
): Promise<void> {
  let rest = batch;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest);
    if (bytesWritten === 0) throw new Error("the system wrote 0 bytes");
    rest = after(rest, bytesWritten);
  }
}

/** What is left of `pieces` once their first `count` bytes are gone. */
function after(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  let skipped = 0;
  let first = 0;
  while (first < pieces.length && skipped + pieces[first]!.length <= count) {
    skipped += pieces[first++]!.length;
  }
  const rest = pieces.slice(first);
  if (rest.length > 0) rest[0] = rest[0]!.subarray(count - skipped);
  return rest;
}

/** Groups parts into batches one system call can take; large parts are cut, never copied. */
function* batches(parts: readonly Uint8Array[]): Generator<Uint8Array[]> {
  let batch: Uint8Array[] = [];
  let room = WRITE_CALL_MAX_BYTES;
  for (const part of parts) {
    for (let from = 0; from < part.length; ) {
      const piece = part.subarray(from, from + room);
      batch.push(piece);
      from += piece.length;
      room -= piece.length;
      if (room > 0 && batch.length < WRITE_PIECES_MAX) continue;
      yield batch;
      batch = [];
      room = WRITE_CALL_MAX_BYTES;
    }
  }
  if (batch.length > 0) yield batch;
}
