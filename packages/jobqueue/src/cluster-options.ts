// The options of a cluster of jobs beside those of its jobs.
// Must not know how they are used.
import type { Security } from "@acme/comm";
import type { JobOptions } from "./options/job-options.js";
import type { SchedulerOption } from "./scheduler/scheduler-option.js";

/** How to start a cluster whose workers are jobs; options of the jobs are among them. */
export interface JobQueueOptions extends JobOptions {
  /** Workers to ask for at once; default 0, see {@link JobQueueCluster.scale}. */
  nWorkers?: number | undefined;
  /** Name or address of this machine, as nodes know it. */
  host?: string | undefined;
  /** Where the scheduler lives; default: in this process. */
  scheduler?: SchedulerOption | undefined;
  /** Network interface that the scheduler listens on; default: the one towards the nodes. */
  schedulerInterface?: string | undefined;
  /** Port that the scheduler listens on; default: a free one. */
  schedulerPort?: number | undefined;
  /**
   * true (default): connections are encrypted, with certificates made for this cluster alone. Or
   * certificates of your own. false: plaintext, so that everybody who reaches this machine can run
   * code as you.
   */
  security?: boolean | Security | undefined;
  /** Milliseconds until a job that runs must have its workers registered; default 120 000. */
  startTimeoutMs?: number | undefined;
  /** Milliseconds for the tasks of workers that leave, and for moving results; default 600 000. */
  drainTimeoutMs?: number | undefined;
  /** What is printed on standard error; default `"warn"`. */
  logLevel?: "info" | "warn" | "error" | "silent" | undefined;
}
