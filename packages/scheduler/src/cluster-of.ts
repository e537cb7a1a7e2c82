// Which cluster a scheduler of the command line belongs to: finds or makes its directory, announces
// the scheduler there, and leaves nothing wrong behind. Starts no scheduler.
import type { Security } from "@acme/comm";
import {
  type Certificates,
  type ClusterDirectory,
  type ContactSource,
  type CreateOptions,
  claimClusterDirectory,
  createPassingCluster,
  defaultClusterName,
  type JobLife,
  type PassingCluster,
  removeContactFile,
  writeContactFile,
} from "@acme/credentials";
import { isAcmeError } from "@acme/protocol";

export interface ClusterFlags {
  readonly name?: string | undefined;
  /** Certificates of the command line; the cluster has these instead of its own. */
  readonly security?: Security | undefined;
  /** The batch job that this scheduler runs in. */
  readonly job?: JobLife | undefined;
}

/** The cluster of one scheduler. */
export interface SchedulersCluster {
  /** Another one after `announce`, if a scheduler that has no name either was faster. */
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
export async function clusterOf({ name, security, job }: ClusterFlags): Promise<SchedulersCluster> {
  const certificates = security as Certificates | undefined;
  const claim = { certificates, job };
  if (name !== undefined) return new Lasting(await claimClusterDirectory(name, claim));
  try {
    return new Unnamed(new Lasting(await claimClusterDirectory(defaultClusterName, claim)));
  } catch (error) {
    if (!isAcmeError(error, "CLUSTER_NAME")) throw error;
    return new Passing({ certificates });
  }
}

class Lasting implements SchedulersCluster {
  readonly directory: ClusterDirectory;
  #announced: ContactSource | undefined;

  constructor(directory: ClusterDirectory) {
    this.directory = directory;
  }

  announce(source: ContactSource): void {
    const { files, folder } = this.directory;
    writeContactFile(files.contact, { ...source, folder }, { exclusive: true });
    this.#announced = source;
  }

  release(): void {
    if (this.#announced === undefined) return;
    removeContactFile(this.directory.files.contact, this.#announced);
  }
}

class Passing implements SchedulersCluster {
  readonly directory: PassingCluster;

  constructor(options: CreateOptions) {
    this.directory = createPassingCluster("scheduler", options);
  }

  announce(source: ContactSource): void {
    const { files, folder } = this.directory;
    writeContactFile(files.contact, { ...source, folder });
  }

  release(): void {
    this.directory.remove();
  }
}

/** Has the default cluster, unless another one announces itself there first. */
class Unnamed implements SchedulersCluster {
  #cluster: SchedulersCluster;

  constructor(cluster: SchedulersCluster) {
    this.#cluster = cluster;
  }

  get directory(): ClusterDirectory {
    return this.#cluster.directory;
  }

  announce(source: ContactSource): void {
    try {
      this.#cluster.announce(source);
    } catch (error) {
      if (!isTaken(error)) throw error;
      // It listens with these credentials by now.
      const { security: certificates, token } = this.directory;
      this.#cluster = new Passing({ certificates, token });
      this.#cluster.announce(source);
    }
  }

  release(): void {
    this.#cluster.release();
  }
}

function isTaken(error: unknown): boolean {
  const cause = isAcmeError(error, "CONTACT_FILE") ? error.cause : undefined;
  return (cause as NodeJS.ErrnoException | undefined)?.code === "EEXIST";
}
