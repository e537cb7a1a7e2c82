// Which cluster a scheduler of the command line belongs to: finds or makes its directory, announces
// the scheduler there, and leaves nothing wrong behind. Starts no scheduler.
import type { Security } from "@acme/comm";
import {
  type Certificates,
  type ClusterDirectory,
  type ContactSource,
  claimClusterDirectory,
  createPassingCluster,
  defaultClusterName,
  removeContactFile,
  writeContactFile,
} from "@acme/credentials";
import { isAcmeError } from "@acme/protocol";

export interface ClusterFlags {
  readonly name?: string | undefined;
  /** Certificates of the command line; the cluster has these instead of its own. */
  readonly security?: Security | undefined;
}

/** The cluster of one scheduler. */
export interface SchedulersCluster {
  readonly directory: ClusterDirectory;
  /** Writes the contact file. @throws ContactFileError */
  announce(source: ContactSource): void;
  /** Takes back what must not outlive the scheduler. */
  release(): void;
}

/**
 * The named cluster, else the default one. When that has a scheduler already, an unnamed scheduler
 * gets a cluster that goes with it.
 *
 * @throws ClusterNameError if the cluster that was named has a scheduler, and what is wrong with
 *   its directory
 */
export async function clusterOf({ name, security }: ClusterFlags): Promise<SchedulersCluster> {
  const given = security as Certificates | undefined;
  try {
    return lasting(await claimClusterDirectory(name ?? defaultClusterName, given));
  } catch (error) {
    if (name !== undefined || !isAcmeError(error, "CLUSTER_NAME")) throw error;
  }
  const passing = createPassingCluster("scheduler", { certificates: given });
  const { announce } = lasting(passing);
  return { directory: passing, announce, release: () => passing.remove() };
}

function lasting(directory: ClusterDirectory): SchedulersCluster {
  const { contact } = directory.files;
  let announced: ContactSource | undefined;
  return {
    directory,
    announce: (source) => {
      writeContactFile(contact, source, { exclusive: true });
      announced = source;
    },
    release: () => {
      if (announced !== undefined) removeContactFile(contact, announced);
    },
  };
}
