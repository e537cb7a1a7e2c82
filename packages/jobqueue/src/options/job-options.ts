// The options of one job, as users give them. Every one may also come from the configuration,
// under dask-jobqueue's name for it; what they come to stands in resolved-job.ts.

/** Options of the jobs of a cluster. What is not given comes from the configuration. */
export interface JobOptions {
  /** Cores of one job; tasks that one job runs at once. */
  cores?: number | undefined;
  /** Memory of one job, such as `"24 GB"`; false: ask for none. */
  memory?: string | number | false | undefined;
  /** Worker processes that share a job; default 1. */
  processes?: number | undefined;
  /** Partition or queue. */
  queue?: string | undefined;
  account?: string | undefined;
  /** SGE's project. */
  project?: string | undefined;
  /** `"02:00:00"`, `"1-12:00"`, `"90 min"` or seconds; default: the queue's own. */
  walltime?: string | number | undefined;
  /**
   * Cores to ask for, if not those that are used. What is more than `cores` is for the threads of
   * numeric libraries: `OMP_NUM_THREADS` and its like are set to it unless you set them.
   */
  jobCpu?: number | undefined;
  /** Memory to ask for, as the batch system writes it, if not `memory`. */
  jobMemory?: string | undefined;
  /** PBS and SGE: what to ask for instead of cores and memory. */
  resourceSpec?: string | undefined;
  /**
   * GPUs of one job. Its workers announce them as the resource `GPU`, and each worker and slot sees
   * its share in `CUDA_VISIBLE_DEVICES`. With `resourceSpec` PBS asks for what that says instead.
   */
  gpus?: number | undefined;
  /** Name of the job in the batch system. */
  jobName?: string | undefined;
  /** Further lines for the batch system, without their prefix. */
  jobExtraDirectives?: readonly string[] | undefined;
  /** Names of options whose line is left out, such as `"-t"` or `"--mem"`. */
  jobDirectivesSkip?: readonly string[] | undefined;
  /** Shell lines before the worker. */
  jobScriptPrologue?: readonly string[] | undefined;
  /** Shell lines after the worker. */
  jobScriptEpilogue?: readonly string[] | undefined;
  shebang?: string | undefined;
  /** Where the jobs' own output goes; may hold variables of the node; false: nowhere. */
  logDirectory?: string | false | undefined;
  /** Where workers spill; may hold variables that the node's shell fills in. */
  localDirectory?: string | undefined;
  /** Network interface of the workers. */
  interface?: string | undefined;
  /** Variables for the workers. */
  env?: Readonly<Record<string, string>> | undefined;
  /** Seconds, or `"2 min"`, after which a worker that finds no scheduler gives up. */
  deathTimeout?: string | number | undefined;
  /** Whether a nanny restarts crashed workers within a job; default true. */
  nanny?: boolean | undefined;
  /** Further arguments of `acme-worker`. */
  workerExtraArgs?: readonly string[] | undefined;
  /**
   * Unmodified `dask worker`s in every job, beside ours; default: none. They share the job's cores
   * and memory with ours.
   */
  python?:
    | {
        /** Worker processes of each job. */
        readonly workers: number;
        /** The interpreter on the nodes, which has `distributed`; default `"python3"`. */
        readonly executable?: string | undefined;
        /** Default 1. */
        readonly threadsPerWorker?: number | undefined;
      }
    | undefined;
  /** Absolute path of node on the nodes; default: this process's own. */
  nodePath?: string | undefined;
  /** Let the batch system start a job again after preemption or a node's failure. */
  requeue?: boolean | undefined;
  /** Abstract resources of each worker. */
  resources?: Readonly<Record<string, number>> | undefined;
}
