// How many workers of how many threads, and with how much memory each, from dask's flags and what
// this machine has. Arithmetic only: the machine is given.
import { parseBytes } from "@acme/config/units";

export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
}

export interface WorkerShape {
  readonly nworkers: number;
  readonly nthreads: number;
}

/**
 * dask's rules: `auto` shares out the cores, a negative number counts down from all of them.
 *
 * @returns null if the text is no number of workers
 */
export function workerShape(
  nworkers: string,
  nthreads: number | undefined,
  { cores }: Machine,
): WorkerShape | null {
  if (nworkers === "auto") return sharedOut(cores);
  const asked = Number(nworkers);
  const count = asked < 0 ? cores + 1 + asked : asked;
  if (!Number.isInteger(count) || count < 1 || nworkers.trim() === "") return null;
  return { nworkers: count, nthreads: nthreads ?? Math.max(1, Math.floor(cores / count)) };
}

/** Few cores: a process each. Many: about as many processes as threads in each. */
function sharedOut(cores: number): WorkerShape {
  let nworkers = cores <= 4 ? cores : Math.ceil(Math.sqrt(cores));
  while (cores % nworkers !== 0) nworkers += 1;
  return { nworkers, nthreads: cores / nworkers };
}

/**
 * dask's rule: a share of the machine by threads, a fraction of it, or bytes, but never more than
 * there is.
 *
 * @returns bytes; null: no limit
 * @throws ConfigError if the text is no size
 */
export function memoryLimitBytes(
  text: string,
  { nworkers, nthreads }: WorkerShape,
  { cores, memoryBytes }: Machine,
): number | null {
  if (text === "auto") {
    const share = Math.min(1, (nthreads * nworkers) / cores);
    return Math.floor((memoryBytes * share) / nworkers);
  }
  const bytes = parseBytes(text, { wholeBytes: memoryBytes });
  return bytes === 0 ? null : Math.min(bytes, memoryBytes);
}
