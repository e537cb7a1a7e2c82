// Removes run folders that nobody has touched for long. Only folders whose names were made up here
// are ever touched, and none that is being computed.
import { readdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ArgumentError } from "../../errors.js";
import { mapLimits } from "../map-limits.js";
import { isRunFolderName } from "../run-folder.js";
import { isOwned } from "./owner-token.js";
import { mainRecords } from "./record-paths.js";

/** What to remove. */
export interface CleanupOptions {
  /** Folders that nothing was made in for so many days; 0: all. */
  readonly olderThanDays: number;
  /** The folder that they are in; default: that of this process. */
  readonly folder?: string | undefined;
}

/** What {@link cleanup} did. */
export interface CleanupReport {
  /** Paths of folders that are gone. */
  readonly removed: readonly string[];
  /** Paths of folders that could not be removed, or are being computed. */
  readonly kept: readonly string[];
}

const dayMs = 86_400_000;

/**
 * Removes old run folders that maps without `outputDir` have made: those named
 * `ACME_YYYYMMDD-hhmmss-ffffff`, and no others.
 *
 * @throws ArgumentError if `olderThanDays` is no number from 0 on
 * @example
 * ```ts
 * const { removed } = await cleanup({ olderThanDays: 30 });
 * console.error(`${removed.length} old run folders removed`);
 * ```
 */
export async function cleanup({
  olderThanDays,
  folder = ".",
}: CleanupOptions): Promise<CleanupReport> {
  if (!(olderThanDays >= 0)) {
    throw new ArgumentError(`olderThanDays is ${olderThanDays}: give a number of days from 0 on`);
  }
  const removed: string[] = [];
  const kept: string[] = [];
  for (const entry of await readdir(resolve(folder), { withFileTypes: true })) {
    if (!entry.isDirectory() || !isRunFolderName(entry.name)) continue;
    const path = join(resolve(folder), entry.name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs < olderThanDays * dayMs) continue;
    if (await remove(path)) removed.push(path);
    else kept.push(path);
  }
  return { removed, kept };
}

/**
 * Before a run makes one more folder here: removes old ones if that was asked for.
 *
 * @returns what there is to tell about them
 */
export async function tidyRunFolders(olderThanDays: number | undefined): Promise<string[]> {
  if (olderThanDays === undefined) {
    const count = (await readdir(resolve("."))).filter(isRunFolderName).length;
    if (count <= mapLimits.runFoldersTold) return [];
    return [
      `${count} run folders ACME_… are here: cleanupThresholdDays, or cleanup(), removes them`,
    ];
  }
  const { removed, kept } = await cleanup({ olderThanDays });
  const told = [];
  if (removed.length > 0)
    told.push(`${numberOf(removed)} older than ${olderThanDays} days removed`);
  if (kept.length > 0) told.push(`${numberOf(kept)} kept: in use, or not ours to remove`);
  return told;
}

const numberOf = ({ length }: readonly string[]): string =>
  `${length} run folder${length === 1 ? "" : "s"}`;

async function remove(path: string): Promise<boolean> {
  try {
    if (await isOwned(mainRecords(path))) return false;
    await rm(path, { recursive: true });
    return true;
  } catch {
    return false;
  }
}
