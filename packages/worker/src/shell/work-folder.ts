// Folders of one process below a shared one, for values that do not fit in memory. Knows where they
// lie and whose they may be, not what is in them.
import { lstatSync, mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leftovers, nameForProcess } from "@acme/credentials/process-space";
import { AcmeError } from "@acme/protocol";

/** The folder for values that do not fit in memory cannot be used. */
export class WorkFolderError extends AcmeError {
  readonly code = "WORK_FOLDER";
  readonly path: string;

  constructor(path: string, why: string, cause?: unknown) {
    super(`Cannot use the folder ${path}: ${why}. Name another one with --local-directory.`, {
      cause,
    });
    this.path = path;
  }
}

/** Where workers keep what does not fit in memory when nobody says where. One per user. */
export function defaultWorkFolder(): string {
  return join(tmpdir(), `acme-worker-space-${process.getuid?.() ?? "all"}`);
}

/**
 * Names a folder for this process below `base`, and begins to remove those of dead processes.
 *
 * @param base - made if it does not exist
 * @param kind - first word of the name
 * @returns a path at which nothing exists yet
 * @throws WorkFolderError
 */
export function claimWorkFolder(base: string, kind: "worker" | "cluster"): string {
  try {
    mkdirSync(base, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new WorkFolderError(base, (cause as Error).message, cause);
  }
  if (base === defaultWorkFolder()) assertOwn(base);
  for (const name of leftovers(base, ["worker", "cluster"])) {
    // Best effort: the next process that starts here tries again.
    rm(join(base, name), { recursive: true, force: true }).catch(() => {});
  }
  return join(base, nameForProcess(kind));
}

/** In a folder for all users anybody may have made it first. */
function assertOwn(base: string): void {
  const found = lstatSync(base);
  const uid = process.getuid?.();
  if (found.isDirectory() && (uid === undefined || found.uid === uid)) return;
  throw new WorkFolderError(base, "it belongs to another user");
}
