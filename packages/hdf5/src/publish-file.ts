// Durable publication: a file appears under its name whole and on the disk, or not at all.
// It decides who wins when two publish the same name. What is inside the file is not its business.
import { dirname } from "node:path";
import { claimName, closeAnyhow, describe, syncFolder, unlinkIfThere } from "./claim-name.js";
import { encodeParts } from "./encode-file.js";
import { bytesOf, type Part } from "./file-body.js";
import { backgroundCalls, blockingCalls, type OpenFile } from "./file-calls.js";
import { openTemporary } from "./temporary-file.js";
import type { GroupNode } from "./tree.js";
import { writeError } from "./write-error.js";
import { type Written, writeParts } from "./write-parts.js";

export interface PublishOptions {
  /** Distinguishes the temporary files of attempts at one result, e.g. a run counter. Default 0. */
  readonly attempt?: number | string;
  /** Replace a file of that name. Default false: the file that is there first stays. */
  readonly replace?: boolean;
  /**
   * Wait for the disk in this thread: several times cheaper for small files, where a thread has
   * nothing else to do. Default false.
   */
  readonly blocking?: boolean;
  /**
   * Default true. False: the file is on the disk, its name perhaps not yet, so that a loss of power
   * may take it. For many files in one folder, with {@link syncFolder} after the last.
   */
  readonly syncsFolder?: boolean;
  /**
   * Default true. False: a loss of power may leave a file with its name and without its content;
   * the death of a process still leaves it whole or not at all.
   */
  readonly syncsFile?: boolean;
}

/** What is now at `path`. */
export interface PublishedFile {
  readonly path: string;
  readonly bytes: number;
  /** CRC-32 of the whole file. */
  readonly crc32: number;
  /** False when another file had the name already and was kept; the facts above are its. */
  readonly published: boolean;
}

/**
 * Writes a file so that its name never shows anything partial, even under kill -9: temporary file
 * in the same folder, fsync, hard link to the name (first finisher wins), fsync of the folder.
 * Where hard links are not permitted the file is renamed instead.
 *
 * @param path - the final name; its folder must exist
 * @param root - the tree to write, see {@link file}
 * @param options - who wins, and what is flushed when
 * @returns size and checksum of the file now at `path`, and whether it is ours
 * @throws Hdf5Error `disk-full`, `write-failed` (nothing is left behind), or what encoding throws
 * @example
 * const tree = file({ members: { result_0: dataset([1, 2, 3]) } });
 * const { bytes, published } = await publishFile("out/f_0.h5", tree, { attempt: 1 });
 */
export async function publishFile(
  path: string,
  root: GroupNode,
  options: PublishOptions = {},
): Promise<PublishedFile> {
  return publishBytes(path, encodeParts(root), options);
}

/**
 * Publishes bytes of any kind with the care of {@link publishFile}.
 *
 * @param path - the final name; its folder must exist
 * @param parts - the content, piece after piece
 * @param options - as those of {@link publishFile}
 * @throws Hdf5Error `disk-full`, `write-failed`
 * @example
 * await publishBytes("out/run.json", [Buffer.from("{}")], { replace: true });
 */
export async function publishBytes(
  path: string,
  parts: readonly Part[],
  options: PublishOptions = {},
): Promise<PublishedFile> {
  try {
    return await publishParts(path, parts, options);
  } catch (error) {
    throw writeError(path, bytesOf(parts), error);
  }
}

/**
 * Writes a file, replacing one of that name: {@link publishFile} with `replace: true`.
 *
 * @param path - the final name; its folder must exist
 * @param root - the tree to write
 * @throws Hdf5Error as {@link publishFile} does
 * @example
 * await writeFile("f.h5", file({ members: { comp_0: externalLink("f_payload/f_0.h5") } }));
 */
export async function writeFile(path: string, root: GroupNode): Promise<PublishedFile> {
  return publishFile(path, root, { replace: true });
}

async function publishParts(
  path: string,
  parts: readonly Part[],
  options: PublishOptions,
): Promise<PublishedFile> {
  const { attempt = 0, replace = false, blocking = false } = options;
  const { syncsFile = true, syncsFolder = syncsFile } = options;
  const calls = blocking ? blockingCalls : backgroundCalls;
  const temporary = await openTemporary(path, attempt, calls);
  try {
    const written = await writeAndClose(temporary.handle, parts, syncsFile);
    const published = await claimName({ temporary: temporary.path, path, replace }, calls);
    if (syncsFolder) await syncFolder(dirname(path), calls);
    return { path, published, ...(published ? written : await describe(path)) };
  } finally {
    await unlinkIfThere(temporary.path, calls);
  }
}

async function writeAndClose(
  handle: OpenFile,
  parts: readonly Part[],
  syncsFile: boolean,
): Promise<Written> {
  let written: Written;
  try {
    written = await writeParts(handle, parts);
    if (syncsFile) await handle.sync();
  } catch (error) {
    await closeAnyhow(handle);
    throw error;
  }
  // Network file systems report a full quota at close: this one must not be swallowed.
  await handle.close();
  return written;
}
