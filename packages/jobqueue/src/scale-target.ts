// How wishes for workers, cores or memory become numbers of jobs, which are the smallest thing that
// comes and goes. Starts nothing.
import { parseBytes } from "@acme/config";
import { isAcmeError } from "@acme/protocol";
import { JobClusterError } from "./errors.js";
import type { ResolvedJob } from "./options/resolved-job.js";

/** How large a cluster is to be; of several wishes the largest counts. */
export interface ScaleTarget {
  readonly workers?: number | undefined;
  readonly jobs?: number | undefined;
  readonly cores?: number | undefined;
  /** In all, such as `"1 TB"`, or bytes. */
  readonly memory?: string | number | undefined;
}

/** @throws JobClusterError */
export function jobsFor(target: number | ScaleTarget, job: ResolvedJob): number {
  const wish = typeof target === "number" ? { workers: target } : target;
  refuseUnknown(wish, ["workers", "jobs", "cores", "memory"]);
  const shares = sharesOf(wish, job);
  if (shares.length > 0) return Math.ceil(Math.max(...shares));
  throw new JobClusterError("say how many workers, jobs or cores, or how much memory");
}

/** Each wish in jobs, not rounded. @throws JobClusterError */
export function sharesOf(wish: ScaleTarget, job: ResolvedJob): number[] {
  const { workers, jobs, cores, memory } = wish;
  return [
    ...shareOf("workers", workers, job.processes),
    ...shareOf("jobs", jobs, 1),
    ...shareOf("cores", cores, job.cores),
    ...(memory === undefined ? [] : [bytesOf(memory) / memoryOf(job)]),
  ];
}

function shareOf(name: string, value: number | undefined, ofOneJob: number): number[] {
  if (value === undefined) return [];
  if (Number.isSafeInteger(value) && value >= 0) return [value / ofOneJob];
  throw new JobClusterError(`${name} must be a whole number of at least 0, not ${value}`);
}

function memoryOf({ memoryBytes }: ResolvedJob): number {
  if (memoryBytes !== null) return memoryBytes;
  throw new JobClusterError("only jobs whose memory is given can be counted by memory");
}

function bytesOf(memory: string | number): number {
  try {
    return parseBytes(memory);
  } catch (cause) {
    if (!isAcmeError(cause)) throw cause;
    throw new JobClusterError(`memory: ${cause.message}`, { cause });
  }
}

/** A name that was mistyped must not pass for a wish for nothing. */
export function refuseUnknown(options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new JobClusterError(`there is no ${name} here; there are ${known.join(", ")}`);
  }
}
