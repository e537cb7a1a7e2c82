// The cluster of PBS jobs; all that is special about them is in the driver.
// Must not know how jobs are started or watched.
import type { JobQueueOptions } from "./cluster-options.js";
import { JobQueueCluster } from "./job-queue-cluster.js";
import type { ClusterContact } from "./scheduler/detached-file.js";
import { attachTo, startCluster } from "./start-cluster.js";

/**
 * A scheduler in this process, and workers that are jobs of PBS (OpenPBS, PBS Pro, Torque).
 *
 * @example
 * ```ts
 * const cluster = await PBSCluster.start({ cores: 4, memory: "16 GB", queue: "short" });
 * await cluster.scale(10);
 * const client = await Client.connect(cluster);
 * ```
 */
export class PBSCluster extends JobQueueCluster {
  /**
   * Starts the scheduler, and asks for `nWorkers` if there are to be some at once.
   *
   * @throws JobOptionError, SubmitError, SchedulerStartError, InterfaceError, CredentialsError
   */
  static start(options: JobQueueOptions = {}): Promise<PBSCluster> {
    return startCluster("pbs", options, (parts) => new PBSCluster(parts));
  }

  /**
   * Takes a cluster over that an earlier process has left with `detach()`.
   *
   * @param contact - what `detach()` returned, or the name or directory of the cluster
   * @throws DetachError if none was left, or somebody else has attached; SchedulerJobError,
   *   SchedulerAwayError if its scheduler is gone
   */
  static attach(contact: ClusterContact | string): Promise<PBSCluster> {
    return attachTo("pbs", contact, (parts) => new PBSCluster(parts));
  }
}
