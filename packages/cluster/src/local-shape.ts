// How many workers of how many threads a local cluster has, and how much memory each may use.
// Arithmetic only: what this machine has is given.
import { parseBytes } from "@acme/config/units";
import { AcmeError, isAcmeError } from "@acme/protocol";

/** The local cluster cannot be started, or changed, as asked. */
export class LocalClusterError extends AcmeError {
  readonly code = "LOCAL_CLUSTER";
}

export interface Shape {
  readonly nWorkers: number;
  readonly threadsPerWorker: number;
}

export interface ShapeOptions {
  nWorkers?: number | undefined;
  threadsPerWorker?: number | undefined;
}

/** @throws LocalClusterError naming the option */
export function shapeOf({ nWorkers, threadsPerWorker }: ShapeOptions, cores: number): Shape {
  checkCount("nWorkers", nWorkers ?? 0, 0);
  checkCount("threadsPerWorker", threadsPerWorker ?? 1, 1);
  const workers = nWorkers ?? Math.max(1, Math.floor(cores / (threadsPerWorker ?? 1)));
  const threads = threadsPerWorker ?? Math.max(1, Math.floor(cores / Math.max(workers, 1)));
  return { nWorkers: workers, threadsPerWorker: threads };
}

/** @throws LocalClusterError */
export function checkCount(name: string, value: number, least: 0 | 1): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new LocalClusterError(`${name} must be a whole number of at least ${least}, not ${value}`);
}

/**
 * @returns bytes of one worker; null: no limit
 * @throws LocalClusterError if the text is no size
 */
export function memoryLimitBytes(
  memoryLimit: string | number | undefined,
  { nWorkers }: Shape,
  machineBytes: number,
): number | null {
  if (memoryLimit === undefined || memoryLimit === "auto") {
    return Math.floor(machineBytes / Math.max(nWorkers, 1));
  }
  try {
    const bytes = parseBytes(memoryLimit, { wholeBytes: machineBytes });
    return bytes === 0 ? null : Math.min(bytes, machineBytes);
  } catch (cause) {
    if (!isAcmeError(cause)) throw cause;
    throw new LocalClusterError(`memoryLimit: ${cause.message}`, { cause });
  }
}
