// Entry of the process in which a nanny runs one worker. Takes its options over the channel to
// the nanny, tells it of each registration, and ends with the exit code of the worker.
import { exitCodes } from "../core/limits.js";
import { endsForMemory } from "../exec/index.js";
import type { FromWorkerProcess, ToWorkerProcess } from "../nanny/shell/child.js";
import { exitCodeOf } from "./exit-code.js";
import { shellLimits } from "./limits.js";
import type { WorkerServerOptions } from "./worker-options.js";
import { startWorker } from "./worker-server.js";

const tell = (message: FromWorkerProcess): void => {
  if (process.connected) process.send?.(message, () => {});
};

// Before there is a worker there is nothing to hand over.
let leave: (graceMs: number, reason: string) => void = () => process.exit(exitCodes.asked);
let leaveGraceMs: number = shellLimits.leaveGraceMs;

async function run(options: WorkerServerOptions): Promise<number> {
  leaveGraceMs = options.leaveGraceMs ?? leaveGraceMs;
  // Before anything that would look for them is loaded.
  if (options.gpus !== undefined) process.env.CUDA_VISIBLE_DEVICES = options.gpus.join(",");
  try {
    const worker = await startWorker(options, {
      onStuck: (reason) => tell({ type: "stuck", reason }),
      onRegistered: () => tell({ type: "registered" }),
    });
    leave = (graceMs, reason) => worker.leave(graceMs, reason);
    return (await worker.ended).exitCode;
  } catch (error) {
    process.stderr.write(`${options.name}: ${error instanceof Error ? error.message : error}\n`);
    return exitCodeOf(error);
  }
}

process.on("SIGTERM", () => leave(leaveGraceMs, "SIGTERM"));
// Batch systems send these to the whole job; the nanny has them too, and decides.
for (const signal of ["SIGUSR1", "SIGUSR2"] as const) process.on(signal, () => {});
// The nanny is gone, and with it whoever would restart or stop this process.
process.once("disconnect", () => leave(shellLimits.orphanGraceMs, "its nanny is gone"));
process.on("message", (message: ToWorkerProcess) => {
  if (message.type === "ends-for-memory") endsForMemory(message.pid);
  else void run(message.options).then((code) => process.exit(code));
});
