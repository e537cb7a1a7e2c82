// Directories of clusters that nobody named: they go with their process, and what a killed process
// left is swept by the next one.
import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  type ClusterDirectory,
  type CreateOptions,
  createClusterDirectory,
} from "./cluster-directory.js";
import { clustersFolder } from "./places.js";
import { leftovers, nameForProcess } from "./process-space.js";

const kinds = ["local", "scheduler", "jobqueue"] as const;

/** A cluster directory for as long as this process lives. */
export interface PassingCluster extends ClusterDirectory {
  /** Safe to call again. */
  remove(): void;
}

/**
 * Makes a cluster directory that is called after this process, and removes those of processes that
 * are gone.
 *
 * @param kind - first word of its name
 * @throws CredentialsError if it cannot be written
 */
export function createPassingCluster(
  kind: (typeof kinds)[number],
  options: CreateOptions = {},
): PassingCluster {
  const base = clustersFolder();
  const directory = createClusterDirectory(nameForProcess(kind), options);
  for (const name of leftovers(base, kinds)) remove(join(base, name));
  return { ...directory, remove: () => remove(directory.folder) };
}

/** Best effort: the next process that starts tries again. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
