// What users say about a cluster that follows its work, and the rules that it becomes. Bounds may be
// given in workers, jobs, cores or memory; what they mean is decided in jobs. Starts nothing.
import { type AdaptRules, adaptDefaults } from "./core/index.js";
import { JobClusterError } from "./errors.js";
import type { ResolvedJob } from "./options/resolved-job.js";
import { refuseUnknown, sharesOf } from "./scale-target.js";

/** Within which bounds a cluster follows its work; of several bounds the strictest counts. */
export interface AdaptOptions {
  /** Workers that are always there; default 0. */
  readonly minimum?: number | undefined;
  /** Workers at most; default: no bound. */
  readonly maximum?: number | undefined;
  readonly minimumJobs?: number | undefined;
  readonly maximumJobs?: number | undefined;
  readonly minimumCores?: number | undefined;
  readonly maximumCores?: number | undefined;
  /** In all, such as `"1 TB"`, or bytes. */
  readonly minimumMemory?: string | number | undefined;
  readonly maximumMemory?: string | number | undefined;
  /** Milliseconds between two looks at the work; default 1 000. */
  readonly intervalMs?: number | undefined;
  /** So many looks in a row must call for fewer jobs before any leave; default 3. */
  readonly waitCount?: number | undefined;
  /** Milliseconds in which the work at hand should be done; default 5 000. */
  readonly targetDurationMs?: number | undefined;
  /** Milliseconds after growing in which nothing that runs leaves; default 10 000. */
  readonly cooldownMs?: number | undefined;
  /**
   * Milliseconds that jobs may wait in the queue before no more are submitted behind them, and that
   * they are left there after they seem to be needed no more; default 60 000.
   */
  readonly patienceMs?: number | undefined;
}

/** How a cluster follows its work: see `JobQueueCluster.adapt`. */
export interface Adaptive {
  /** Whether it still does. */
  readonly isActive: boolean;
  /** From now on the cluster keeps the size that it has. */
  stop(): void;
}

const counts = ["intervalMs", "waitCount", "targetDurationMs", "cooldownMs", "patienceMs"] as const;
const bounds = ["", "Jobs", "Cores", "Memory"].flatMap((unit) => [
  `minimum${unit}`,
  `maximum${unit}`,
]);

/** @throws JobClusterError */
export function rulesFor(options: AdaptOptions, job: ResolvedJob): AdaptRules {
  refuseUnknown(options, [...bounds, ...counts]);
  const rules = { ...adaptDefaults, ...boundsFor(options, job), ...countsFor(options) };
  const { minimumJobs, maximumJobs } = rules;
  if (minimumJobs <= maximumJobs) return rules;
  throw new JobClusterError(
    `adapt() cannot keep at least ${minimumJobs} and at most ${maximumJobs} jobs`,
  );
}

function boundsFor(options: AdaptOptions, job: ResolvedJob) {
  const { minimum, minimumJobs, minimumCores, minimumMemory } = options;
  const least = { workers: minimum, jobs: minimumJobs, cores: minimumCores, memory: minimumMemory };
  const { maximumJobs, maximumCores, maximumMemory } = options;
  // To have no bound is the default; some programs say so.
  const maximum = options.maximum === Number.POSITIVE_INFINITY ? undefined : options.maximum;
  const most = { workers: maximum, jobs: maximumJobs, cores: maximumCores, memory: maximumMemory };
  const shares = sharesOf(most, job);
  const share = Math.min(Number.POSITIVE_INFINITY, ...shares);
  if (share > 0 && share < 1) {
    throw new JobClusterError("the maximum of adapt() is less than one job");
  }
  return {
    minimumJobs: Math.ceil(Math.max(0, ...sharesOf(least, job))),
    maximumJobs: Math.floor(share),
  };
}

function countsFor(options: AdaptOptions): Partial<AdaptRules> {
  const given = counts.flatMap((name) => {
    const value = options[name];
    if (value === undefined) return [];
    const least = name === "cooldownMs" || name === "patienceMs" ? 0 : 1;
    if (Number.isSafeInteger(value) && value >= least) return [[name, value] as const];
    throw new JobClusterError(`${name} must be a whole number of at least ${least}, not ${value}`);
  });
  return Object.fromEntries(given);
}
