// Runs a scheduler in a thread of its own, so that a busy program does not stall it and its heap
// may be larger than Node's default. Knows the thread, nothing of what a scheduler does.
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { Worker } from "node:worker_threads";
import { AcmeError } from "@acme/protocol";
import type { SchedulerEnd, SchedulerServer, SchedulerServerOptions } from "./scheduler-server.js";
import type { FromSchedulerThread, ToSchedulerThread } from "./scheduler-thread.js";

/** The scheduler's thread could not be started, or ended before it listened. */
export class SchedulerStartError extends AcmeError {
  readonly code = "SCHEDULER_START_FAILED";
}

/** Share of the machine's (or cgroup's) memory that the scheduler's heap may take. */
const heapShare = 0.5;
const heapMbMin = 512;

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
  const thread = new Worker(new URL("./scheduler-thread.js", import.meta.url), {
    workerData: options,
    name: "acme-scheduler",
    resourceLimits: { maxOldGenerationSizeMb: heapMb() },
  });
  return new Promise((resolve, reject) => {
    let end: (end: SchedulerEnd) => void = () => {};
    const ended = new Promise<SchedulerEnd>((settle) => {
      end = settle;
    });
    const fail = (cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      reject(new SchedulerStartError(`The scheduler did not start: ${why}`, { cause }));
      end({ reason: why, error: cause });
    };
    thread.on("error", fail);
    thread.on("exit", (code) => fail(new Error(`its thread ended with code ${code}`)));
    thread.on("message", (message: FromSchedulerThread) => {
      if (message.type === "start-failed") fail(message.error);
      else if (message.type === "listening") resolve(hosted(thread, message, ended));
      else end(message.failed ? { reason: message.reason, error: message.reason } : message);
    });
  });
}

function hosted(
  thread: Worker,
  { id, address, addresses, httpPort }: Extract<FromSchedulerThread, { type: "listening" }>,
  ended: Promise<SchedulerEnd>,
): SchedulerServer {
  const close = async (reason = "the scheduler was closed") => {
    thread.postMessage({ type: "close", reason } satisfies ToSchedulerThread);
    await ended;
    await thread.terminate();
  };
  return { id, address, addresses, httpPort, ended, close };
}

function heapMb(): number {
  const availableBytes = Math.min(totalmem(), cgroupLimitBytes());
  return Math.max(heapMbMin, Math.floor((availableBytes * heapShare) / 2 ** 20));
}

function cgroupLimitBytes(): number {
  try {
    const text = readFileSync("/sys/fs/cgroup/memory.max", "utf8").trim();
    return text === "max" ? Number.POSITIVE_INFINITY : Number(text);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
