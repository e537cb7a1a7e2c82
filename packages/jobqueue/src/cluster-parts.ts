// All that has to be there before a cluster of jobs can be, whether it was started or attached to.
// Must not know how it came about.
import type { Security } from "@acme/comm";
import type { JobQueueOptions } from "./cluster-options.js";
import type { BatchDriver, JobRef } from "./drivers/driver.js";
import type { ResolvedJob } from "./options/resolved-job.js";
import type { HeldScheduler } from "./scheduler/held-scheduler.js";
import type { Commands } from "./shell/commands.js";
import type { Watchdog } from "./shell/watchdog.js";

export interface ClusterPlace {
  readonly name: string;
  /** Null: its scheduler's address is all that is known. */
  readonly folder: string | null;
  /** Safe to call again; leaves a directory alone that is somebody else's. */
  remove(): void;
}

/** Jobs that were there before this process. */
export interface Adopted {
  readonly wantedJobs: number;
  readonly refs: readonly JobRef[];
}

export interface ClusterParts {
  readonly driver: BatchDriver;
  readonly job: ResolvedJob;
  readonly script: string;
  /** Marks its jobs. */
  readonly tag: string;
  readonly commands: Commands;
  readonly watchdog: Watchdog;
  readonly scheduler: HeldScheduler;
  readonly directory: ClusterPlace;
  readonly security: Security | undefined;
  /** Folder of logs that goes with the cluster; null: the user's own, or none. */
  readonly ownLogs: string | null;
  readonly options: JobQueueOptions;
  readonly adopted: Adopted | null;
}
