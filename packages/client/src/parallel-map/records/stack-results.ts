// Puts the results of all calls together as the bytes of one array, reading each file in pieces, so
// that memory does not grow with the array. Where results are stacked along is given; files that
// are missing show as NaN, or 0 for whole numbers.
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { inspectFile, missingElement } from "@acme/hdf5";
import type { ResultLayout } from "../result-layout.js";
import type { WrittenResult } from "../write-result.js";
import { recordLimits } from "./record-limits.js";

export interface Stack {
  readonly payload: string;
  readonly layout: ResultLayout;
  /** Shape of one result in the stack; shorter results are padded to it. */
  readonly present: readonly number[];
  readonly results: readonly (WrittenResult | undefined)[];
  readonly count: number;
}

const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);

/** The elements of the array over all calls, in C order. */
export async function* stackedBytes(stack: Stack): AsyncGenerator<Uint8Array> {
  const { layout, present, count } = stack;
  const missing = missingElement(layout.dtype);
  const outer = product(present.slice(0, layout.stackAt));
  const innerBytes = product(present.slice(layout.stackAt)) * missing.length;
  if (outer * innerBytes * count === 0) return;
  const rows = Math.floor(recordLimits.consolidateBytes / (innerBytes * count));
  // Of results that are large themselves, one row is made at a time, call by call.
  const atOnce = Math.min(Math.max(rows, 1), outer);
  for (let from = 0; from < outer; from += atOnce) {
    const some = Math.min(atOnce, outer - from);
    if (some > 1) {
      const block = Buffer.alloc(some * count * innerBytes);
      for (let i = 0; i < count; i++) {
        const piece = await pieceOf(stack, i, { from, rows: some, innerBytes, missing });
        for (let row = 0; row < some; row++) {
          const at = (row * count + i) * innerBytes;
          block.set(piece.subarray(row * innerBytes, (row + 1) * innerBytes), at);
        }
      }
      yield block;
    } else {
      for (let i = 0; i < count; i++) {
        yield await pieceOf(stack, i, { from, rows: 1, innerBytes, missing });
      }
    }
  }
}

interface Piece {
  /** Rows along the dimensions before that of the calls. */
  readonly from: number;
  readonly rows: number;
  readonly innerBytes: number;
  readonly missing: Uint8Array;
}

async function pieceOf(stack: Stack, index: number, piece: Piece): Promise<Uint8Array> {
  const { rows, innerBytes, missing, from } = piece;
  const bytes = rows * innerBytes;
  const result = stack.results[index];
  if (result?.shapes === undefined) return filled(bytes, missing);
  const path = join(stack.payload, result.file);
  const found = (await inspectFile(path))?.datasets.find(({ name }) => name === "result_0");
  if (found?.contiguous?.at === undefined) return filled(bytes, missing);
  const { at, bytes: all } = found.contiguous;
  const handle = await open(path, "r");
  try {
    const isPadded = found.shape.some((size, k) => size !== stack.present[k]);
    if (!isPadded) return await readAt(handle, at + from * innerBytes, bytes);
    const whole = await readAt(handle, at, all);
    const padded = pad(whole, { shape: found.shape, present: stack.present, missing });
    return padded.subarray(from * innerBytes, from * innerBytes + bytes);
  } finally {
    await handle.close();
  }
}

async function readAt(handle: FileHandle, at: number, bytes: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(bytes);
  for (let got = 0; got < bytes; ) {
    const { bytesRead } = await handle.read(buffer, got, bytes - got, at + got);
    if (bytesRead === 0) throw new Error("a result file was cut while it was read");
    got += bytesRead;
  }
  return buffer;
}

const filled = (bytes: number, missing: Uint8Array): Uint8Array => Buffer.alloc(bytes, missing);

interface Padding {
  readonly shape: readonly number[];
  readonly present: readonly number[];
  readonly missing: Uint8Array;
}

/** The same elements in an array of at least that size along each dimension. */
function pad(bytes: Uint8Array, { shape, present, missing }: Padding): Uint8Array {
  const out = filled(product(present) * missing.length, missing);
  const run = (shape.at(-1) ?? 1) * missing.length;
  const lines = run === 0 ? 0 : bytes.length / run;
  for (let line = 0; line < lines; line++) {
    let rest = line;
    let at = 0;
    let stride = present.at(-1) ?? 1;
    for (let k = shape.length - 2; k >= 0; k--) {
      at += (rest % shape[k]!) * stride;
      rest = Math.floor(rest / shape[k]!);
      stride *= present[k]!;
    }
    out.set(bytes.subarray(line * run, (line + 1) * run), at * missing.length);
  }
  return out;
}
