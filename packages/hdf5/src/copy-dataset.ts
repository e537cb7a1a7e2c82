// A dataset of a file of ours as a member of another file. Numbers are copied while the other file
// is written, text is read at once; nothing is understood of what they mean.
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { type DatasetSummary, heapText } from "./inspect-file.js";
import { dataset, type Member, streamedDataset } from "./tree.js";

/** Class of text of variable length, whose elements only refer to a heap. */
const VARIABLE_LENGTH = 9;
const REFERENCE_BYTES = 16;
const CHUNK_BYTES = 1 << 20;

/**
 * A copy of one dataset, for another file.
 *
 * @param path - the file that it is in; it has to stay until the copy is written
 * @param summary - which one, as {@link inspectFile} describes it
 * @returns undefined for one that was compressed or is virtual
 * @example
 * await publishFile("f_0.h5", file({ members: { result_0: dataset([1, 2]) } }));
 * const found = await inspectFile("f_0.h5");
 * const copy = await copyDataset("f_0.h5", found.datasets[0]);
 * await publishFile("f.h5", file({ members: { result_0: copy } }));
 */
export async function copyDataset(
  path: string,
  { shape, datatype, contiguous }: DatasetSummary,
): Promise<Member | undefined> {
  if (contiguous === undefined) return undefined;
  const { at, bytes } = contiguous;
  if ((datatype[0]! & 0x0f) === VARIABLE_LENGTH) {
    const data = at === undefined ? [] : await readTexts(path, at, bytes);
    return dataset({ data, shape, dtype: "str" });
  }
  const blocks = (): AsyncIterable<Uint8Array> =>
    createReadStream(path, {
      start: at ?? 0,
      end: (at ?? 0) + bytes - 1,
      highWaterMark: CHUNK_BYTES,
    });
  return streamedDataset({ shape, dtype: datatype, blocks });
}

async function readTexts(path: string, at: number, bytes: number): Promise<string[]> {
  const handle = await open(path, "r");
  try {
    const references = Buffer.alloc(bytes);
    await handle.read(references, 0, bytes, at);
    const texts: string[] = [];
    for (let from = 0; from < bytes; from += REFERENCE_BYTES) {
      texts.push(await heapText(handle, references.subarray(from, from + REFERENCE_BYTES)));
    }
    return texts;
  } finally {
    await handle.close();
  }
}
