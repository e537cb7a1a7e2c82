// Where the directories of clusters lie and how they may be called. Looks at no file: whether there
// is such a directory, and whose, is found out by those who open it.
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { ClusterNameError } from "./errors.js";
import { credentialLimits } from "./limits.js";

/** The files of a cluster directory. */
export const fileNames = Object.freeze({
  ca: "ca.pem",
  cert: "cert.pem",
  key: "key.pem",
  token: "token",
  contact: "scheduler.json",
});

/** What a scheduler is called that nobody named. */
export const defaultClusterName = "default";

/**
 * The folder that holds one directory per cluster: `clusters` in `ACME_HOME`, which is `~/.acme`
 * unless it is set.
 */
export function clustersFolder(): string {
  const home = process.env.ACME_HOME;
  return join(home === undefined || home === "" ? join(homedir(), ".acme") : home, "clusters");
}

/** @throws ClusterNameError if it would be a hidden file, a path, or hard to type */
export function checkClusterName(name: string): void {
  const { nameLength } = credentialLimits;
  if (name.length <= nameLength && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) return;
  throw new ClusterNameError(
    `${JSON.stringify(name)} cannot be the name of a cluster: use letters, digits, "-", "_" and ` +
      `".", at most ${nameLength}, beginning with a letter or digit`,
  );
}

/** The directory that a name or a path (anything with a slash) stands for. */
export function folderOf(nameOrFolder: string): string {
  if (nameOrFolder.includes("/")) return resolve(nameOrFolder);
  checkClusterName(nameOrFolder);
  return join(clustersFolder(), nameOrFolder);
}

export const nameOf = (folder: string): string => basename(folder);
