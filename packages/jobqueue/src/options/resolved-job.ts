// The options of one job after all has been looked up and checked. Drivers read nothing else.
// Must not know where a value comes from.

export interface ResolvedJob {
  readonly jobName: string;
  readonly cores: number;
  readonly processes: number;
  /** Of the whole job; null: no memory is asked for and workers have no limit. */
  readonly memoryBytes: number | null;
  readonly queue: string | null;
  readonly account: string | null;
  readonly project: string | null;
  readonly walltimeMs: number | null;
  /** As it was written; null: made from `walltimeMs`. */
  readonly walltime: string | null;
  readonly jobCpu: number | null;
  readonly jobMemory: string | null;
  readonly resourceSpec: string | null;
  readonly gpus: number;
  readonly directives: readonly string[];
  readonly skip: readonly string[];
  readonly prologue: readonly string[];
  readonly epilogue: readonly string[];
  readonly shebang: string;
  readonly logDirectory: string | null;
  readonly localDirectory: string | null;
  readonly interface: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly deathTimeoutMs: number;
  readonly nanny: boolean;
  readonly workerExtraArgs: readonly string[];
  readonly nodePath: string;
  /** Workers of Python's beside ours; null: none. */
  readonly python: PythonJob | null;
  readonly requeue: boolean;
  readonly resources: Readonly<Record<string, number>>;
}

/** Unmodified `dask worker`s of a job. */
export interface PythonJob {
  readonly workers: number;
  readonly executable: string;
  readonly threadsPerWorker: number;
}

/** Cores of each worker process of a job. */
export const threadsPerWorker = (job: ResolvedJob): number =>
  Math.max(1, Math.floor(job.cores / job.processes));

/** Cores that one task may use: those asked for, shared out among all that run at once. */
export const coresPerTask = (job: ResolvedJob): number =>
  Math.max(1, Math.floor((job.jobCpu ?? job.cores) / (job.processes * threadsPerWorker(job))));
