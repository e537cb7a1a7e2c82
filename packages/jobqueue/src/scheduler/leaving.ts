// What a cluster of jobs leaves behind for the next process: made from its parts.
// Must not know where it is kept.
import type { Adopted, ClusterParts } from "../cluster-parts.js";
import { DetachError } from "../errors.js";
import type { ClusterContact, SavedCluster } from "./detached-file.js";

/** @throws DetachError if the cluster cannot go on without this process */
export function contactOf({ scheduler, directory, driver, tag }: ClusterParts): ClusterContact {
  const { name, folder } = directory;
  if (scheduler.place === "process") {
    const instead = 'start the cluster with scheduler: { in: "job" }';
    throw new DetachError(`The scheduler would end with this process: ${instead}`);
  }
  if (folder === null) {
    const why = "its scheduler has no directory where that could be noted";
    throw new DetachError(`The cluster cannot be left: ${why}`);
  }
  return { system: driver.system, name, folder, address: scheduler.address, tag };
}

export function savedFrom(
  { job, script, ownLogs, scheduler, security, options }: ClusterParts,
  contact: ClusterContact,
  jobs: Adopted,
): SavedCluster {
  const { startTimeoutMs, drainTimeoutMs, logLevel } = options;
  return {
    format: 1,
    contact,
    place: scheduler.place === "job" ? "job" : "elsewhere",
    scheduler: scheduler.ref,
    isPlain: security === undefined,
    job,
    script,
    ownLogs,
    options: { startTimeoutMs, drainTimeoutMs, logLevel },
    ...jobs,
  };
}
