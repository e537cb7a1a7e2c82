// The write loop: short counts, cut pieces, limits of one call.
import { readFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { random } from "./fixtures/random-tree.js";
import { temporaryFolder } from "./fixtures/temporary-folder.js";
import { WRITE_CALL_MAX_BYTES, WRITE_PIECES_MAX } from "./limits.js";
import { writeParts } from "./write-parts.js";

type Writev = FileHandle["writev"];

test("short writes are continued where they stopped", async () => {
  const next = random(5);
  const parts = Array.from({ length: 300 }, () =>
    Uint8Array.from({ length: Math.floor(next() * 500) }, () => next() * 256),
  );
  const path = join(temporaryFolder(), "bytes");
  const handle = await open(path, "wx");
  // A real file behind a system that accepts only part of what it is given.
  const writev = (async (pieces: readonly Uint8Array[]) => {
    const all = Buffer.concat(pieces);
    const { bytesWritten } = await handle.write(
      all,
      0,
      Math.ceil(next() * Math.min(all.length, 999)),
    );
    return { bytesWritten, buffers: pieces };
  }) as Writev;
  const written = await writeParts({ writev }, parts);
  await handle.close();
  const expected = Buffer.concat(parts);
  expect(readFileSync(path).equals(expected)).toBe(true);
  expect(written).toEqual({ bytes: expected.length, crc32: crc32(expected) });
});

test("no call asks for more than the kernel takes, and nothing is copied", async () => {
  const block = new Uint8Array(1 << 28).fill(3);
  const small = Array.from({ length: 3000 }, () => new Uint8Array(1));
  const calls: { pieces: number; bytes: number }[] = [];
  const buffers = new Set<ArrayBufferLike>();
  const writev = (async (pieces: readonly Uint8Array[]) => {
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    calls.push({ pieces: pieces.length, bytes });
    if (pieces.length < 10) for (const piece of pieces) buffers.add(piece.buffer);
    return { bytesWritten: bytes, buffers: pieces };
  }) as Writev;
  const { bytes } = await writeParts({ writev }, [...new Array(9).fill(block), ...small]);
  expect(bytes).toBe(9 * 2 ** 28 + 3000);
  expect(calls.reduce((sum, call) => sum + call.bytes, 0)).toBe(bytes);
  expect(Math.max(...calls.map((call) => call.bytes))).toBe(WRITE_CALL_MAX_BYTES);
  expect(Math.max(...calls.map((call) => call.pieces))).toBe(WRITE_PIECES_MAX);
  expect(buffers).toEqual(new Set([block.buffer]));
});

test("a system that writes nothing does not hang us", async () => {
  const writev = (async (buffers: readonly Uint8Array[]) => ({
    bytesWritten: 0,
    buffers,
  })) as Writev;
  await expect(writeParts({ writev }, [new Uint8Array(1)])).rejects.toThrow("0 bytes");
});
