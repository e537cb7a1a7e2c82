// The directory of a cluster of jobs: one that goes with this process, one that outlives it because
// its scheduler does, or somebody else's.
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import type { Security } from "@acme/comm";
import {
  type Certificates,
  type ClusterDirectory,
  createClusterDirectory,
  createPassingCluster,
} from "@acme/credentials";
import type { JobQueueOptions } from "../cluster-options.js";
import type { BatchSystem } from "../drivers/driver.js";

/** A directory that is this cluster's own. */
export interface OwnDirectory extends ClusterDirectory {
  /** Safe to call again. */
  remove(): void;
}

/** @throws CredentialsError, ClusterNameError */
export function ownDirectory(system: BatchSystem, options: JobQueueOptions): OwnDirectory {
  const { security, scheduler } = options;
  const given = typeof security === "object" ? (security as Security) : undefined;
  const certificates = given as Certificates | undefined;
  if (scheduler === undefined || !("in" in scheduler) || scheduler.in === "process") {
    return createPassingCluster("jobqueue", { certificates });
  }
  const name = scheduler.name ?? `${system}-${randomBytes(4).toString("hex")}`;
  return owned(createClusterDirectory(name, { certificates }));
}

/** One that is there, and will be removed with its cluster. */
export function owned(directory: ClusterDirectory): OwnDirectory {
  const { folder } = directory;
  return { ...directory, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
