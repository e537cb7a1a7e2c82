// Stores a value that HDF5 cannot hold as msgpack, with the same care: a file has its name only
// when it is whole and on the disk.
import { randomUUID } from "node:crypto";
import { link, open, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { encodeMessage } from "@acme/protocol";
import { encodeValue } from "@acme/serialize";
import { ResultValueError } from "./map-errors.js";
import { codeOf } from "./run-folder.js";

/**
 * Publishes a value as one msgpack list of binaries, the frames that `encodeValue` makes: the
 * first is a document of msgpack itself, whose second entry is the value if it is plain data.
 *
 * @throws ResultValueError for what cannot be serialized either
 */
export async function writeSerialized(
  path: string,
  index: number,
  value: unknown,
): Promise<{ bytes: number; crc32: number }> {
  const content = await serialized(index, value);
  const name = `.${basename(path)}.${hostname()}.${process.pid}.${randomUUID()}.tmp`;
  const temporary = join(dirname(path), name);
  const handle = await open(temporary, "wx");
  try {
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(temporary, path).catch((error: unknown) => {
      if (codeOf(error) !== "EEXIST") throw error;
    });
  } finally {
    await unlink(temporary);
  }
  return { bytes: content.byteLength, crc32: crc32(content) };
}

async function serialized(index: number, value: unknown): Promise<Uint8Array> {
  try {
    const { frames } = await encodeValue(value);
    return encodeMessage(frames)[0] as Uint8Array;
  } catch (error) {
    throw new ResultValueError(index, (error as Error).message, error);
  }
}
