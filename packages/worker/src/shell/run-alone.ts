// One worker in this very process, without a nanny, until it ends or is told to leave.
// Uses no signals: whoever calls turns them into the signal given here.
import { exitCodes } from "../core/limits.js";
import { exitCodeOf } from "./exit-code.js";
import { shellLimits } from "./limits.js";
import type { WorkerServerOptions } from "./worker-options.js";
import { startWorker, type WorkerServer } from "./worker-server.js";

/** @returns the exit code */
export async function runAlone(options: WorkerServerOptions, leave: AbortSignal): Promise<number> {
  let worker: WorkerServer;
  try {
    worker = await startWorker(options, { signal: leave });
  } catch (error) {
    if (leave.aborted) return exitCodes.asked;
    process.stderr.write(`${options.name}: ${(error as Error).message}\n`);
    return exitCodeOf(error);
  }
  const graceMs = options.leaveGraceMs ?? shellLimits.leaveGraceMs;
  const go = () => worker.leave(graceMs, String(leave.reason));
  leave.addEventListener("abort", go, { once: true });
  if (leave.aborted) go();
  const { exitCode, message } = await worker.ended;
  process.stderr.write(`Worker ${options.name} ended: ${message}\n`);
  return exitCode;
}
