// One worker in this very process, without a nanny, until it ends or is told to leave.
// Uses no signals: whoever calls turns them into the signal given here.
import { shellLimits } from "./limits.js";
import type { WorkerServerOptions } from "./worker-options.js";
import { startWorker } from "./worker-server.js";

/** @returns the exit code */
export async function runAlone(options: WorkerServerOptions, leave: AbortSignal): Promise<number> {
  const worker = await startWorker(options);
  const go = () => worker.leave(shellLimits.leaveGraceMs, String(leave.reason));
  leave.addEventListener("abort", go, { once: true });
  if (leave.aborted) go();
  const { exitCode, message } = await worker.ended;
  process.stderr.write(`Worker ${options.name} ended: ${message}\n`);
  return exitCode;
}
