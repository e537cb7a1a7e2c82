// The steps of publication after a file is written: it gets its name, and the names in a folder are
// flushed. Which files are published together is not known here.
import { createReadStream } from "node:fs";
import { crc32 } from "node:zlib";
import { systemCode } from "./errors.js";
import { backgroundCalls, type FileCalls, type OpenFile } from "./file-calls.js";
import type { Written } from "./write-parts.js";

/** A file system or a kernel setting that does not let us make hard links. */
const NO_HARD_LINKS = new Set(["EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);
/** A file system that does not know how to sync a folder, or a folder that is gone. */
const NO_FOLDER_SYNC = new Set(["ENOENT", "EINVAL", "EISDIR", "EPERM", "EBADF", "ENOTSUP"]);

interface Claim {
  readonly temporary: string;
  readonly path: string;
  readonly replace: boolean;
}

/** Gives the temporary file its name; false when the name was taken and must be kept. */
export async function claimName(
  { temporary, path, replace }: Claim,
  calls: FileCalls,
): Promise<boolean> {
  if (replace) {
    await calls.rename(temporary, path);
    return true;
  }
  try {
    await calls.link(temporary, path);
    return true;
  } catch (error) {
    // A network file system may answer a repeated request with an error though the first one
    // succeeded: whoever has our file under the name has published it.
    const ours = await calls.stat(temporary);
    const there = await statIfThere(path, calls);
    if (there !== undefined && ours.ino === there.ino && ours.dev === there.dev) return true;
    if (systemCode(error) === "EEXIST") return false;
    if (!NO_HARD_LINKS.has(systemCode(error))) throw error;
    if (there !== undefined) return false;
    await calls.rename(temporary, path);
    return true;
  }
}

async function statIfThere(path: string, calls: FileCalls) {
  try {
    return await calls.stat(path);
  } catch {
    return undefined;
  }
}

/**
 * Makes sure that the names of the files in a folder are on the disk. Does nothing where the file
 * system does not know how.
 *
 * @param folder - its path
 * @example
 * const tree = file({ members: { result_0: dataset([1]) } });
 * await publishFile("out/f_0.h5", tree, { syncsFolder: false });
 * await syncFolder("out");
 */
export async function syncFolder(
  folder: string,
  calls: FileCalls = backgroundCalls,
): Promise<void> {
  try {
    const handle = await calls.open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!NO_FOLDER_SYNC.has(systemCode(error))) throw error;
  }
}

/** Of a file that is there already. */
export async function describe(path: string): Promise<Written> {
  let bytes = 0;
  let sum = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    bytes += (chunk as Buffer).length;
    sum = crc32(chunk as Buffer, sum);
  }
  return { bytes, crc32: sum };
}

export async function unlinkIfThere(path: string, calls: FileCalls): Promise<void> {
  try {
    await calls.unlink(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

/** What failed before is what matters. */
export async function closeAnyhow(handle: OpenFile): Promise<void> {
  try {
    await handle.close();
  } catch {
    // It is gone either way.
  }
}
