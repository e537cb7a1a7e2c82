// Names and life of the temporary files that results are written to before they get their name.
// Must not know what is written to them; flushing and renaming is left to publish-file.ts.
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { pid } from "node:process";
import { Hdf5Error, systemCode } from "./errors.js";
import type { FileCalls, OpenFile } from "./file-calls.js";
import { TEMPORARY_NAMES_MAX } from "./limits.js";

export interface TemporaryFile<F extends OpenFile = OpenFile> {
  readonly path: string;
  readonly handle: F;
}

/**
 * Whether a file name (without folder) is that of a temporary file of {@link publishFile}. One
 * that no process writes any more is left from a crash and may be deleted.
 *
 * @param name - base name of a file
 * @example
 * isTemporaryName(".f_0.h5.node7.4711.1.tmp"); // true
 */
export function isTemporaryName(name: string): boolean {
  return /^\..+\.[0-9]+\.[^.]+\.tmp$/.test(name);
}

/** Opens a file beside `finalPath` that nobody else has. */
export async function openTemporary<F extends OpenFile>(
  finalPath: string,
  attempt: number | string,
  calls: FileCalls<F>,
): Promise<TemporaryFile<F>> {
  if (!/^[\w-]+$/.test(`${attempt}`)) {
    throw new Hdf5Error(
      "invalid-option",
      `"${attempt}" cannot name an attempt; use a whole number or letters, digits, "_" and "-"`,
      { attempt },
    );
  }
  const stem = `.${basename(finalPath)}.${hostname()}.${pid}.${attempt}`;
  for (let i = 1; ; i++) {
    const path = join(dirname(finalPath), i === 1 ? `${stem}.tmp` : `${stem}-${i}.tmp`);
    try {
      return { path, handle: await calls.open(path, "wx") };
    } catch (error) {
      // A file of this name is either stale, of a process that had our id, or being written by
      // another thread of ours: it is never ours to touch.
      if (systemCode(error) !== "EEXIST" || i === TEMPORARY_NAMES_MAX) throw error;
    }
  }
}
