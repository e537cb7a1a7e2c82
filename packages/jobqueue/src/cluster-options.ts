// The options of a cluster of jobs beside those of its jobs, and how wishes for workers become
// numbers of jobs. Starts nothing.
import type { Security } from "@acme/comm";
import { parseBytes } from "@acme/config";
import { isAcmeError } from "@acme/protocol";
import { JobClusterError } from "./errors.js";
import type { JobOptions } from "./options/job-options.js";
import type { ResolvedJob } from "./options/resolved-job.js";

/** How to start a cluster whose workers are jobs; options of the jobs are among them. */
export interface JobQueueOptions extends JobOptions {
  /** Workers to ask for at once; default 0, see {@link JobQueueCluster.scale}. */
  nWorkers?: number | undefined;
  /** Name or address of this machine, as nodes know it. */
  host?: string | undefined;
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

/** How large a cluster is to be; of several wishes the largest counts. */
export interface ScaleTarget {
  readonly workers?: number | undefined;
  readonly jobs?: number | undefined;
  readonly cores?: number | undefined;
  /** In all, such as `"1 TB"`. */
  readonly memory?: string | number | undefined;
}

/** @throws JobClusterError */
export function jobsFor(target: number | ScaleTarget, job: ResolvedJob): number {
  const wish = typeof target === "number" ? { workers: target } : target;
  const { workers = 0, jobs = 0, cores = 0, memory } = wish;
  checkCount("workers", workers);
  checkCount("jobs", jobs);
  checkCount("cores", cores);
  return Math.max(
    Math.ceil(workers / job.processes),
    jobs,
    Math.ceil(cores / job.cores),
    memory === undefined ? 0 : jobsForMemory(memory, job),
  );
}

function jobsForMemory(memory: string | number, { memoryBytes }: ResolvedJob): number {
  if (memoryBytes === null) {
    throw new JobClusterError("scale() by memory needs jobs whose memory is given");
  }
  try {
    return Math.ceil(parseBytes(memory) / memoryBytes);
  } catch (cause) {
    if (!isAcmeError(cause)) throw cause;
    throw new JobClusterError(`memory: ${cause.message}`, { cause });
  }
}

function checkCount(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new JobClusterError(`${name} must be a whole number of at least 0, not ${value}`);
}
