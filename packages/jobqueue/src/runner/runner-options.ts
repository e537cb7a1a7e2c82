// What a runner may be told. Everything has a default that suits a plain `srun -n N`.
// Must not know what the roles do with it.

/** Options of {@link SLURMRunner.run}. */
export interface RunnerOptions {
  /**
   * File through which the processes find their scheduler, in a folder that all of them see;
   * `{job_id}` and `{step_id}` are filled in. Default: `scheduler-{job_id}.{step_id}.json` in the
   * working folder. It is gone when all is over.
   */
  readonly schedulerFile?: string | undefined;
  /** Milliseconds to wait for that file, for workers and for the client; default 120 000. */
  readonly timeoutMs?: number | undefined;
  /** Name or address of the scheduler's machine, as the others know it. */
  readonly host?: string | undefined;
  /** Network interface that the scheduler listens on, such as `"ib0"`. */
  readonly schedulerInterface?: string | undefined;
  /** Network interface of workers. */
  readonly interface?: string | undefined;
  /** Tasks that a worker runs at once; default: the cores that SLURM gave to each process. */
  readonly nthreads?: number | undefined;
  /** Memory of a worker, such as `"4 GB"`; default: what SLURM gave to each process, if it did. */
  readonly memoryLimit?: string | number | undefined;
  /** Below which workers put what does not fit in memory. */
  readonly localDirectory?: string | undefined;
  /** Further flags of `acme-worker`. */
  readonly workerExtraArgs?: readonly string[] | undefined;
  /** What the scheduler prints on standard error; default `"warn"`. */
  readonly logLevel?: "info" | "warn" | "error" | "silent" | undefined;
}

export const runnerDefaults = Object.freeze({
  schedulerFile: "scheduler-{job_id}.{step_id}.json",
  timeoutMs: 120_000,
  /** Between two looks for the scheduler file. */
  lookMs: 200,
  /** Between two looks of the scheduler's process at who is there. */
  watchMs: 500,
  /** After the scheduler has given up its client, which it does not do at once. */
  clientGoneMs: 2_000,
});
