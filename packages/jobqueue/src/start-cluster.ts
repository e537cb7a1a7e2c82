// The start that clusters of all batch systems share: the parts, the cluster, its first jobs. What
// fails on the way leaves nothing behind.
import type { JobQueueOptions } from "./cluster-options.js";
import type { BatchSystem } from "./drivers/driver.js";
import type { JobQueueCluster } from "./job-queue-cluster.js";
import type { ClusterParts } from "./start-parts.js";

export async function startCluster<C extends JobQueueCluster>(
  system: BatchSystem,
  options: JobQueueOptions,
  make: (parts: ClusterParts) => C,
): Promise<C> {
  // Not before they are needed: programs import this package for other reasons too.
  const { startParts } = await import("./start-parts.js");
  const cluster = make(await startParts(system, options));
  try {
    if (options.nWorkers !== undefined) await cluster.scale(options.nWorkers);
    return cluster;
  } catch (error) {
    await cluster.close();
    throw error;
  }
}
