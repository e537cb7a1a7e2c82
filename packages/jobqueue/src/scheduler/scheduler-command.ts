// The line of a job script that becomes a scheduler, and the options of its job. No secrets: they
// are in the cluster's directory.
import type { JobQueueOptions } from "../cluster-options.js";
import type { BatchDriver } from "../drivers/driver.js";
import { quote } from "../drivers/script-text.js";
import type { JobOptions } from "../options/job-options.js";
import type { ResolvedJob } from "../options/resolved-job.js";
import type { SchedulerInJob } from "./scheduler-option.js";

export interface SchedulerPlace {
  /** Absolute path of the file that runs schedulers. */
  readonly entry: string;
  readonly clusterFolder: string;
  /** A machine that must be able to reach it. */
  readonly towards: string;
  readonly driver: BatchDriver;
}

export function schedulerCommand(
  job: ResolvedJob,
  place: SchedulerPlace,
  { schedulerInterface, schedulerPort = 0, security, scheduler, logLevel }: JobQueueOptions,
): string {
  const { entry, clusterFolder, towards, driver } = place;
  const { idleTimeout } = scheduler as SchedulerInJob;
  const where =
    schedulerInterface === undefined
      ? `--towards ${quote(towards)}`
      : `--interface ${quote(schedulerInterface)}`;
  return [
    quote(job.nodePath),
    quote(entry),
    `--name ${quote(clusterFolder)}`,
    where,
    `--port ${schedulerPort}`,
    "--dashboard-address 127.0.0.1:0",
    `--job "${driver.slotExpression}"`,
    `--job-restarts "${driver.restartsExpression}"`,
    // What it says is in the job's own output, which somebody asks for only when it matters.
    `--log-level ${logLevel === "error" ? "error" : "info"}`,
    ...(idleTimeout === undefined ? [] : [`--idle-timeout ${quote(idleTimeout)}`]),
    ...(security === false ? ["--insecure"] : []),
  ].join(" ");
}

/** A small job beside the workers', in the same queue; what is given for it counts. */
export function schedulerJobOptions(workers: JobOptions, place: SchedulerInJob): JobOptions {
  const { in: _in, name: _name, idleTimeout: _idle, ...own } = place;
  return {
    ...workers,
    cores: 1,
    jobCpu: 1,
    memory: "2 GB",
    gpus: 0,
    processes: 1,
    jobName: "acme-scheduler",
    requeue: false,
    ...own,
  };
}

/** It is to outlive the workers' jobs: what was asked for them does not count. */
export function forScheduler(job: ResolvedJob, place: SchedulerInJob): ResolvedJob {
  const limit = place.walltime === undefined ? { walltime: null, walltimeMs: null } : {};
  return { ...job, ...limit, jobMemory: place.jobMemory ?? null };
}
