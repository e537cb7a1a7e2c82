// Folders of one process below a shared one, named after the process, so that what a killed
// process left behind can be told from what a living one uses. A folder on a network disk is
// seen by many machines, so a name also says whose process numbers it goes by.
import { createHash, randomUUID } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
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
  for (const name of leftovers(base)) {
    // Best effort: the next process that starts here tries again.
    rm(join(base, name), { recursive: true, force: true }).catch(() => {});
  }
  return join(base, `${kind}-${processSpace()}-${process.pid}-${randomUUID().slice(0, 8)}`);
}

/** In a folder for all users anybody may have made it first. */
function assertOwn(base: string): void {
  const found = lstatSync(base);
  const uid = process.getuid?.();
  if (found.isDirectory() && (uid === undefined || found.uid === uid)) return;
  throw new WorkFolderError(base, "it belongs to another user");
}

function leftovers(base: string): string[] {
  const pattern = new RegExp(`^(?:worker|cluster)-${processSpace()}-(\\d+)-[0-9a-f]{8}$`);
  return readdirSync(base).filter((name) => {
    const pid = Number(pattern.exec(name)?.[1]);
    return Number.isInteger(pid) && !isAlive(pid);
  });
}

/** The same for processes that can see each other by number. */
function processSpace(): string {
  let namespace = "";
  try {
    namespace = readlinkSync("/proc/self/ns/pid");
  } catch {
    // No Linux: the host name must do.
  }
  return createHash("sha1").update(`${hostname()} ${namespace}`).digest("hex").slice(0, 8);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
