// Public API of this package: clusters whose workers are jobs of a batch system. Nothing else is
// reachable from outside. Whoever imports it gets maps that find SLURM by themselves.
import { registerClusterProvider } from "@acme/client";
import { slurmProvider } from "./sites/slurm-provider.js";

export type { Adaptive, AdaptOptions } from "./adapt-options.js";
export { attachCluster } from "./attach-cluster.js";
export type { JobQueueOptions } from "./cluster-options.js";
export type { JobReport } from "./core/index.js";
export {
  BatchOutputError,
  ClusterClosedError,
  CommandError,
  DetachError,
  JobClusterError,
  JobOptionError,
  NotUnderSrunError,
  RunnerTimeoutError,
  SchedulerAwayError,
  SchedulerJobError,
  SubmitError,
  WorkersNotStartedError,
  WorldTooSmallError,
} from "./errors.js";
export {
  JobQueueCluster,
  type JobQueueEvents,
  type LogsOptions,
  type WaitForWorkersOptions,
} from "./job-queue-cluster.js";
export type { JobOptions } from "./options/job-options.js";
export { PBSCluster } from "./pbs-cluster.js";
export { cancelJobs, type QueuedJobs, queuedJobs } from "./queued-jobs.js";
export type { RunnerOptions } from "./runner/runner-options.js";
export { type RunnerMain, SLURMRunner } from "./runner/slurm-runner.js";
export type { RunnerWorld } from "./runner/world.js";
export type { ScaleTarget } from "./scale-target.js";
export type { ClusterContact } from "./scheduler/detached-file.js";
export type { SchedulerInJob, SchedulerOption } from "./scheduler/scheduler-option.js";
export { SGECluster } from "./sge-cluster.js";
export type { ClusterEvent } from "./shell/event-queue.js";
export {
  bicClusterSetup,
  type ClusterSetup,
  defineSite,
  esiClusterSetup,
  slurmClusterSetup,
} from "./sites/define-site.js";
export type { SetupOptions } from "./sites/setup-options.js";
export type { Site } from "./sites/site.js";
export { SLURMCluster } from "./slurm-cluster.js";

registerClusterProvider(slurmProvider);
