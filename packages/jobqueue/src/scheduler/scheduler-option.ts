// Where a cluster's scheduler lives, as users say it.
// Must not know how it gets there.
import type { JobOptions } from "../options/job-options.js";

/** A scheduler in a job of its own; options of that job that differ from those of the workers. */
export interface SchedulerInJob extends Omit<JobOptions, "processes" | "gpus" | "requeue"> {
  readonly in: "job";
  /** Name of the cluster, under which clients and `acme status` find it; default: a fresh one. */
  readonly name?: string | undefined;
  /** Ends by itself, and its workers with it, when nothing happened for so long, such as `"2h"`. */
  readonly idleTimeout?: string | undefined;
}

/**
 * `{ in: "process" }` (default): a thread of this process. `{ in: "job" }`: a job of its own, which
 * a cluster that is to go on without this process needs, see {@link JobQueueCluster.detach}.
 * `{ address }` or `{ contact }`: one that somebody else started, by its address, or by the name of
 * its cluster, the cluster's directory or a contact file; it stays when this cluster is closed.
 */
export type SchedulerOption =
  | { readonly in: "process" }
  | SchedulerInJob
  | { readonly address: string }
  | { readonly contact: string };
