// Finds the cluster that an address belongs to, through the contact files of the user's clusters,
// so that an address alone is enough for programs of the same user. Connects to nobody.
import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ClusterDirectory, openClusterDirectory } from "./cluster-directory.js";
import { readContactFile } from "./contact-file.js";
import { clustersFolder, fileNames } from "./places.js";

/** Names of the user's clusters, whether their schedulers run or not. */
export function listClusters(): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(clustersFolder(), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
}

/**
 * The cluster whose scheduler listens on an address.
 *
 * @param address - with or without a scheme
 * @returns undefined if no contact file of this user names it
 * @throws what is wrong with the directory that names it
 * @example
 * ```ts
 * const security = findClusterByAddress("tls://127.0.0.1:8786")?.security;
 * ```
 */
export function findClusterByAddress(address: string): ClusterDirectory | undefined {
  const wanted = plain(address);
  // A scheduler that was killed leaves its contact file: the newest one tells the truth.
  const [newest] = listClusters()
    .map((name) => join(clustersFolder(), name))
    .filter((folder) => addressesIn(folder).some((each) => isSame(each, wanted)))
    .sort((a, b) => writtenMs(b) - writtenMs(a));
  return newest === undefined ? undefined : openClusterDirectory(newest);
}

function addressesIn(folder: string): readonly string[] {
  try {
    return readContactFile(join(folder, fileNames.contact)).addresses;
  } catch {
    // No scheduler there, or none that can be read: others may still be the one.
    return [];
  }
}

const isSame = (listed: string, wanted: string): boolean => {
  const given = plain(listed);
  return wanted.includes("://") ? given === wanted : given.endsWith(`://${wanted}`);
};

const writtenMs = (folder: string): number =>
  statSync(join(folder, fileNames.contact), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** A host in its usual spelling. */
function plain(address: string): string {
  return address.replace(/\/$/, "").replace(/(^|:\/\/)localhost:/, "$1127.0.0.1:");
}
