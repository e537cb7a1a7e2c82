// What the file of one call holds, found out from the file alone: by a worker that is to run a call
// whose result is there already, and by a session that goes on where another ended.
import { createReadStream, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { inspectFile } from "@acme/hdf5";
import { decodeMessage } from "@acme/protocol";
import { codeOf, payloadFile } from "./run-folder.js";
import type { WrittenResult } from "./write-result.js";

/**
 * The result of call `index`, whichever form it has.
 *
 * @param payload - the folder of the files
 * @param name - the function's name in file names
 * @returns undefined if there is no whole file of it
 */
export async function resultOnDisk(
  payload: string,
  name: string,
  index: number,
): Promise<WrittenResult | undefined> {
  for (const extension of ["h5", "msgpack"]) {
    const file = payloadFile(name, index, extension);
    // Asked before every call, and hardly ever so: the thread's own question is the cheap one.
    if (!existsSync(join(payload, file))) continue;
    const found = await describeResult(payload, file);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @returns undefined if the file is missing, cut, or not of our making */
export async function describeResult(
  payload: string,
  file: string,
): Promise<WrittenResult | undefined> {
  const path = join(payload, file);
  if (file.endsWith(".msgpack")) return describeSerialized(path, file);
  const found = await inspectFile(path);
  if (found === undefined) return undefined;
  const shapes = found.datasets.map(({ shape }) => shape);
  const codeHash = found.attributes.get("code_hash");
  return {
    file,
    bytes: found.bytes,
    crc32: await checksum(path),
    shapes,
    ...(typeof codeHash === "string" ? { codeHash } : {}),
  };
}

async function describeSerialized(path: string, file: string): Promise<WrittenResult | undefined> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    // Its own lengths tell whether it is whole.
    decodeMessage([content]);
  } catch {
    return undefined;
  }
  return { file, bytes: content.byteLength, crc32: crc32(content) };
}

/** CRC-32 of a whole file. */
export async function checksum(path: string): Promise<number> {
  let sum = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    sum = crc32(chunk as Buffer, sum);
  }
  return sum;
}
