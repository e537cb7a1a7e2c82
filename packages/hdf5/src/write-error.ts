// What is thrown when a file cannot be written: what happened, to which file, and what to do about it.
// What was tried is not known here.
import { Hdf5Error, systemCode } from "./errors.js";

const DISK_FULL = new Set(["ENOSPC", "EDQUOT"]);

/** What encoding threw stays as it is. */
export function writeError(path: string, bytes: number, error: unknown): Hdf5Error {
  if (error instanceof Hdf5Error) return error;
  const system = systemCode(error);
  const fields = { path, bytes, systemCode: system };
  if (DISK_FULL.has(system)) {
    const message = `no room for the ${bytes} bytes of ${path} (${system}); free space or quota`;
    return new Hdf5Error("disk-full", `${message} and run the task again`, fields, error);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new Hdf5Error(
    "write-failed",
    `could not write ${path}: ${reason}; check that its folder exists and is writable`,
    fields,
    error,
  );
}
