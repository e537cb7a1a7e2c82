// The nannies of one command: one per worker, all in this process, until every worker has ended.
// Uses no signals: whoever calls turns them into the signal given here.
import { shellLimits } from "../../shell/limits.js";
import type { WorkerServerOptions } from "../../shell/worker-options.js";
import { type NannyServer, startNanny } from "./nanny-server.js";

export interface NanniedWorker {
  worker: WorkerServerOptions;
  /** Where its nanny listens; of several addresses, on the first free one. */
  nannyListen: string | readonly string[];
}

export interface NanniesOptions {
  workers: readonly NanniedWorker[];
  /** The file that a worker process runs. */
  entry: string;
  signal: AbortSignal;
}

/**
 * @returns the worst exit code of all workers
 * @throws ListenError if a nanny cannot listen; the others have ended then
 */
export async function runWithNannies(options: NanniesOptions): Promise<number> {
  const { workers, entry, signal } = options;
  const starts = await Promise.allSettled(
    workers.map(({ worker, nannyListen }) =>
      startNanny({ worker, entry, listen: nannyListen, security: worker.security }),
    ),
  );
  const nannies = starts.flatMap((start) => (start.status === "fulfilled" ? start.value : []));
  const ended = Promise.all(nannies.map((nanny) => nanny.ended));
  const failed = starts.find((start) => start.status === "rejected");
  if (failed !== undefined) {
    for (const nanny of nannies) nanny.leave(0);
    await ended;
    throw failed.reason;
  }
  const graceMs = workers[0]?.worker.leaveGraceMs ?? shellLimits.leaveGraceMs;
  const go = () => leaveAll(nannies, graceMs + shellLimits.nannyExtraMs);
  signal.addEventListener("abort", go, { once: true });
  if (signal.aborted) go();
  return Math.max(0, ...(await ended));
}

function leaveAll(nannies: readonly NannyServer[], graceMs: number): void {
  for (const nanny of nannies) nanny.leave(graceMs);
}
