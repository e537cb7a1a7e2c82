// What is in the environment of every worker process unless the user has set it.
// Corresponds to dask's pre-spawn-environ.

const defaults: Readonly<Record<string, string>> = Object.freeze({
  // Without it glibc keeps the memory of large values for itself once they are freed, and a worker
  // that has spilled looks as full as before.
  MALLOC_TRIM_THRESHOLD_: "65536",
  // One thread per task for the usual numeric libraries.
  OMP_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
  OPENBLAS_NUM_THREADS: "1",
});

/**
 * The environment of a worker process.
 *
 * @param own - the nanny's own; what the user has set wins
 */
export function childEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...defaults, ...own };
}
