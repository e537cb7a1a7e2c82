// Attaches to a cluster of jobs whatever its batch system is.
// Must not know what each class does with it.
import { openClusterDirectory } from "@acme/credentials";
import type { BatchSystem } from "./drivers/driver.js";
import type { JobQueueCluster } from "./job-queue-cluster.js";
import { PBSCluster } from "./pbs-cluster.js";
import { type ClusterContact, markerIn, systemAt } from "./scheduler/detached-file.js";
import { SGECluster } from "./sge-cluster.js";
import { SLURMCluster } from "./slurm-cluster.js";

const classes = { slurm: SLURMCluster, pbs: PBSCluster, sge: SGECluster } as const satisfies Record<
  BatchSystem,
  unknown
>;

/**
 * Takes a cluster over that an earlier process has left with {@link JobQueueCluster.detach}.
 *
 * @param contact - what `detach()` returned, or the name or directory of the cluster
 * @throws DetachError if none was left, or somebody else has attached; SchedulerJobError,
 *   SchedulerAwayError if its scheduler is gone
 * @example
 * ```ts
 * const cluster = await attachCluster("analysis");
 * await cluster.close();
 * ```
 */
export function attachCluster(contact: ClusterContact | string): Promise<JobQueueCluster> {
  const system = typeof contact === "string" ? systemOf(contact) : contact.system;
  return classes[system].attach(contact);
}

const systemOf = (name: string): BatchSystem =>
  systemAt(markerIn(openClusterDirectory(name).folder));
