// Runs a scheduler in a thread of its own, so that a busy program does not stall it and its heap
// may be larger than Node's default. Knows the thread, nothing of what a scheduler does.
import { Worker } from "node:worker_threads";
import { AcmeError } from "@acme/protocol";
import { schedulerHeapMb } from "./heap-size.js";
import type { SchedulerEnd, SchedulerServer, SchedulerServerOptions } from "./scheduler-server.js";
import type { FromSchedulerThread, ToSchedulerThread } from "./scheduler-thread.js";

/** The scheduler's thread could not be started, or ended before it listened. */
export class SchedulerStartError extends AcmeError {
  readonly code = "SCHEDULER_START_FAILED";
}

/** Threads always run compiled files, also when this package runs from its sources. */
const entry = new URL("./scheduler-thread.js", import.meta.url);
entry.pathname = entry.pathname.replace(/\/src\/shell\/([^/]+)$/, "/dist/bundle/$1");

/**
 * Starts a scheduler in its own thread.
 *
 * @param options - as for `startScheduler`; plain data
 * @throws SchedulerStartError with the cause, such as an address that is taken
 * @example
 * ```ts
 * const scheduler = await hostScheduler({ listen: ["tcp://127.0.0.1:0"] });
 * await scheduler.close();
 * ```
 */
export function hostScheduler(options: SchedulerServerOptions = {}): Promise<SchedulerServer> {
  const thread = new Worker(entry, {
    workerData: options,
    name: "acme-scheduler",
    resourceLimits: { maxOldGenerationSizeMb: schedulerHeapMb() },
  });
  return new Promise((resolve, reject) => {
    let end: (end: SchedulerEnd) => void = () => {};
    const ended = new Promise<SchedulerEnd>((settle) => {
      end = settle;
    });
    // Nothing that is still open in there may keep the process alive.
    const over = (what: SchedulerEnd) => {
      end(what);
      void thread.terminate();
    };
    const fail = (cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      reject(new SchedulerStartError(`The scheduler did not start: ${why}`, { cause }));
      over({ reason: `its thread failed: ${why}`, error: cause });
    };
    thread.on("error", fail);
    thread.on("exit", (code) => fail(new Error(`its thread ended with code ${code}`)));
    thread.on("message", (message: FromSchedulerThread) => {
      if (message.type === "start-failed") fail(message.error);
      else if (message.type === "listening") resolve(hosted(thread, message, ended));
      else over(endOf(message));
    });
  });
}

function endOf({ reason, failed }: Extract<FromSchedulerThread, { type: "ended" }>): SchedulerEnd {
  return failed ? { reason, error: new Error(reason) } : { reason };
}

function hosted(
  thread: Worker,
  listening: Extract<FromSchedulerThread, { type: "listening" }>,
  ended: Promise<SchedulerEnd>,
): SchedulerServer {
  const close = async (reason = "the scheduler was closed") => {
    thread.postMessage({ type: "close", reason } satisfies ToSchedulerThread);
    await ended;
    await thread.terminate();
  };
  const { id, address, addresses, httpPort, httpToken } = listening;
  return { id, address, addresses, httpPort, httpToken, ended, close };
}
