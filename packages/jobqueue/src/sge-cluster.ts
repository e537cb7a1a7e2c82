// The cluster of Grid Engine jobs; all that is special about them is in the driver.
// Must not know how jobs are started or watched.
import type { JobQueueOptions } from "./cluster-options.js";
import { JobQueueCluster } from "./job-queue-cluster.js";
import { startCluster } from "./start-cluster.js";

/**
 * A scheduler in this process, and workers that are jobs of Grid Engine.
 *
 * @example
 * ```ts
 * const cluster = await SGECluster.start({ cores: 4, memory: "16 GB", queue: "short" });
 * await cluster.scale(10);
 * const client = await Client.connect(cluster);
 * ```
 */
export class SGECluster extends JobQueueCluster {
  /**
   * Starts the scheduler, and asks for `nWorkers` if there are to be some at once.
   *
   * @throws JobOptionError, SubmitError, SchedulerStartError, InterfaceError, CredentialsError
   */
  static start(options: JobQueueOptions = {}): Promise<SGECluster> {
    return startCluster("sge", options, (parts) => new SGECluster(parts));
  }
}
