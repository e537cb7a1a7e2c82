// The directory of a remote cluster on this machine, for as long as its tunnel is open. It looks
// like that of any cluster, so that all programs find it by name. Knows no ssh.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import {
  type ClusterDirectory,
  clustersFolder,
  createClusterDirectory,
  writeContactFile,
} from "@acme/credentials";
import { UsageError } from "./errors.js";
import type { RemoteCluster } from "./remote-cluster.js";

/** Where the tunnel's ends are on this machine. */
export interface LocalEnds {
  readonly address: string;
  readonly httpPort: number | null;
}

/** Stands in directories that go with a tunnel, and tells whose. */
const markFile = "tunnel.json";

/** @throws UsageError if the name belongs to something else; call {@link clearName} before */
export function makeLocalCopy(
  name: string,
  remote: RemoteCluster,
  { address, httpPort }: LocalEnds,
): ClusterDirectory {
  const { certificates, token, contact } = remote;
  const directory = createClusterDirectory(name, { certificates, token });
  const mark = JSON.stringify({ pid: process.pid, host: hostname() });
  writeFileSync(join(directory.folder, markFile), mark, { mode: 0o600 });
  const { id } = contact;
  const source = { id, address, addresses: [address], httpPort, version: "tunnel" };
  writeContactFile(directory.files.contact, { ...source, folder: directory.folder });
  return directory;
}

export function removeLocalCopy({ folder }: ClusterDirectory): void {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Makes sure that a copy can be called so. What a tunnel that was killed left is removed.
 *
 * @throws UsageError if a cluster or another tunnel has the name
 */
export function clearName(name: string): void {
  const folder = join(clustersFolder(), name);
  if (!existsSync(folder)) return;
  if (!isLeft(join(folder, markFile))) {
    throw new UsageError(
      `There is a cluster ${name} on this machine already: call the copy otherwise with --as OTHER`,
    );
  }
  rmSync(folder, { recursive: true, force: true });
}

function isLeft(path: string): boolean {
  try {
    const { pid, host } = JSON.parse(readFileSync(path, "utf8")) as { pid: number; host: string };
    return host === hostname() && !isRunning(pid);
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
