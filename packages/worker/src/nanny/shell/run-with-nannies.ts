// The nannies of one command: one per worker, all in this process, until every worker has ended.
// Uses no signals: whoever calls turns them into the signal given here.

import { shellLimits } from "../../shell/limits.js";
import type { WorkerServerOptions } from "../../shell/worker-options.js";
import { type NannyServer, startNanny } from "./nanny-server.js";

export interface NanniesOptions {
  workers: readonly WorkerServerOptions[];
  /** The file that a worker process runs. */
  entry: string;
  /** Port of the first nanny, the others count up; 0: free ones. */
  nannyPort: number;
  signal: AbortSignal;
}

/** @returns the worst exit code of all workers */
export async function runWithNannies(options: NanniesOptions): Promise<number> {
  const { workers, nannyPort, signal } = options;
  const nannies = await Promise.all(
    workers.map((worker, index) => {
      const port = nannyPort === 0 ? 0 : nannyPort + index;
      return oneNanny(worker, port, options);
    }),
  );
  const go = () => {
    for (const nanny of nannies) nanny.leave(shellLimits.leaveGraceMs);
  };
  signal.addEventListener("abort", go, { once: true });
  if (signal.aborted) go();
  return Math.max(...(await Promise.all(nannies.map((nanny) => nanny.ended))));
}

function oneNanny(
  worker: WorkerServerOptions,
  port: number,
  { entry }: NanniesOptions,
): Promise<NannyServer> {
  return startNanny({
    worker,
    entry,
    listen: worker.listen.replace(/:\d+$/, `:${port}`),
    security: worker.security,
  });
}
