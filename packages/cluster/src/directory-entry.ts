// Enters a local cluster among the clusters of its user, so that other programs of the same user
// find it by its address. The cluster itself does not need that, so it never waits for the disk.
import type { Security } from "@acme/comm";
import {
  type Certificates,
  createPassingCluster,
  type PassingCluster,
  writeContactFile,
} from "@acme/credentials";
import { isAcmeError } from "@acme/protocol";
import type { SchedulerServer } from "@acme/scheduler/host";
import { packageVersion } from "./version.js";

/** What was or will be written. */
export interface DirectoryEntry {
  /** Removes it, or keeps it from being written. */
  remove(): void;
}

/** @param security - with all three parts */
export function enterDirectory(scheduler: SchedulerServer, security: Security): DirectoryEntry {
  let directory: PassingCluster | undefined;
  const writing = setImmediate(() => {
    directory = enter(scheduler, security as Certificates);
  });
  return {
    remove: () => {
      clearImmediate(writing);
      directory?.remove();
    },
  };
}

/** A home that cannot be written is no reason for a local cluster to fail. */
function enter(
  { id, address, addresses, httpPort, httpToken: token }: SchedulerServer,
  certificates: Certificates,
): PassingCluster | undefined {
  try {
    const directory = createPassingCluster("local", { certificates, token });
    const { files, folder } = directory;
    const source = { id, address, addresses, httpPort, version: packageVersion, folder };
    writeContactFile(files.contact, source);
    return directory;
  } catch (error) {
    if (isAcmeError(error)) return undefined;
    throw error;
  }
}
