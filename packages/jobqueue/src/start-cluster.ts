// The start that clusters of all batch systems share: the parts, the cluster, its first jobs; or
// those that are there already. What fails on the way leaves nothing behind.
import type { JobQueueOptions } from "./cluster-options.js";
import type { ClusterParts } from "./cluster-parts.js";
import type { BatchSystem } from "./drivers/driver.js";
import type { JobQueueCluster } from "./job-queue-cluster.js";
import type { ClusterContact } from "./scheduler/detached-file.js";

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

export async function attachTo<C extends JobQueueCluster>(
  system: BatchSystem,
  contact: ClusterContact | string,
  make: (parts: ClusterParts) => C,
): Promise<C> {
  const { attachParts } = await import("./attach-parts.js");
  return make(await attachParts(system, contact));
}
