// Entry of the process in which a nanny runs one worker. Takes its options over the channel to
// the nanny, tells it when the worker is registered, and ends with the exit code of the worker.
import type { FromWorkerProcess, ToWorkerProcess } from "../nanny/shell/child.js";
import { shellLimits } from "./limits.js";
import { startWorker } from "./worker-server.js";

const tell = (message: FromWorkerProcess): void => {
  if (process.connected) process.send?.(message, () => {});
};

async function run({ options }: ToWorkerProcess): Promise<number> {
  try {
    const worker = await startWorker(options, {
      onStuck: (reason) => tell({ type: "stuck", reason }),
    });
    process.on("SIGTERM", () => worker.leave(shellLimits.leaveGraceMs, "SIGTERM"));
    // The nanny is gone, and with it whoever would restart or stop this process.
    process.once("disconnect", () => worker.leave(shellLimits.orphanGraceMs, "its nanny is gone"));
    tell({ type: "registered", address: worker.address });
    return (await worker.ended).exitCode;
  } catch (error) {
    process.stderr.write(`${options.name}: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

process.once("message", (message) => {
  void run(message as ToWorkerProcess).then((code) => process.exit(code));
});
