// The first bytes of a file: its signature, and the end-of-file field that tells whole from cut.
// Reads as little as that takes; the superblock of a new file is written by encode-file.ts.
import { open } from "node:fs/promises";
import { Hdf5Error, systemCode } from "./errors.js";
import { lookup3 } from "./lookup3.js";

export const SIGNATURE = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a);

/** Size of a superblock of version 2 or 3. */
export const SUPERBLOCK_BYTES = 48;

/** Where superblocks of each version keep the end-of-file address. */
const END_OF_FILE_AT: readonly number[] = [40, 44, 28, 28];

/**
 * Whether a file is a whole HDF5 file: its superblock is intact and the end-of-file field in it
 * equals the size of the file. This finds truncation, not damage inside: compare crc32 for that.
 *
 * @param path - the file to look at
 * @returns false also when there is no such file
 * @throws Hdf5Error `read-failed` when the file exists and cannot be read
 * @example
 * if (!(await isCompleteFile("f_payload/f_0.h5"))) console.log("run task 0 again");
 */
export async function isCompleteFile(path: string): Promise<boolean> {
  try {
    const handle = await open(path, "r");
    try {
      const { size } = await handle.stat();
      const start = new Uint8Array(64);
      const { bytesRead } = await handle.read(start, 0, start.length, 0);
      return endOfFile(start.subarray(0, bytesRead)) === size;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw new Hdf5Error(
      "read-failed",
      `could not read ${path} (${systemCode(error)}); check that it is a readable file`,
      { path, systemCode: systemCode(error) },
      error,
    );
  }
}

/** The end-of-file field, or undefined when these bytes are no intact superblock. */
export function endOfFile(bytes: Uint8Array): number | undefined {
  if (bytes.length < SUPERBLOCK_BYTES + 4) return undefined;
  if (!SIGNATURE.every((byte, i) => bytes[i] === byte)) return undefined;
  const version = bytes[8]!;
  const at = END_OF_FILE_AT[version];
  if (at === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (version >= 2) {
    const checksumAt = SUPERBLOCK_BYTES - 4;
    const sum = lookup3(bytes.subarray(0, checksumAt));
    if (sum !== view.getUint32(checksumAt, true)) return undefined;
  }
  return Number(view.getBigUint64(at, true));
}
