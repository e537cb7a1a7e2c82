// The worker process as its nanny sees it: started, signalled, measured. Knows processes and the
// few words that go over the channel between the two; decides nothing.
import type { ChildProcess } from "node:child_process";
import type { WorkerServerOptions } from "../../shell/worker-options.js";
import type { NannyEvent } from "../core/events.js";
import { spawnWorker } from "./spawn-worker.js";

/** From the nanny to its child. */
export type ToWorkerProcess =
  | { type: "start"; options: WorkerServerOptions }
  /** One of its own processes takes too much memory and is about to be ended. */
  | { type: "ends-for-memory"; pid: number };
/** From the child to its nanny. */
export type FromWorkerProcess =
  /** Each time: also when it found the scheduler again. */
  | { type: "registered" }
  /** An executor hangs in native code: only the end of the whole process helps. */
  | { type: "stuck"; reason: string };

export interface ChildOptions {
  entry: string;
  /** A process that waits to be used, for the first start. */
  spare?: ChildProcess | undefined;
  options: WorkerServerOptions;
  onEvent: (event: NannyEvent) => void;
  onMessage: (message: FromWorkerProcess) => void;
}

export class Child {
  readonly #options: ChildOptions;
  #process: ChildProcess | undefined;
  #spare: ChildProcess | undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
    this.#spare = options.spare;
  }

  /** Undefined while there is no process. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    const { entry, options, onEvent, onMessage } = this.#options;
    const spare = this.#takeSpare();
    const child = spare ?? spawnWorker(entry);
    this.#process = child;
    const started = () => onEvent({ type: "started", pid: child.pid ?? 0 });
    if (spare === undefined) child.once("spawn", started);
    else queueMicrotask(started);
    child.once("error", (error) => {
      if (child.pid === undefined) onEvent({ type: "start-failed", message: error.message });
    });
    child.once("exit", (code, signal) => {
      this.#process = undefined;
      // What its tasks have started does not outlive it.
      if (child.pid !== undefined) kill(-child.pid, "SIGKILL");
      onEvent({ type: "exited", code, signal });
    });
    child.on("message", (message) => onMessage(message as FromWorkerProcess));
    child.send({ type: "start", options } satisfies ToWorkerProcess, () => {});
  }

  /** The process that was started ahead, if it is still there; once. */
  #takeSpare(): ChildProcess | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare?.connected && spare.pid !== undefined ? spare : undefined;
  }

  /** Ends a process that the child has started, and has it know why. */
  endForMemory(pid: number): void {
    const child = this.#process;
    const end = () => kill(pid, "SIGKILL");
    if (child?.connected !== true) end();
    else child.send({ type: "ends-for-memory", pid } satisfies ToWorkerProcess, end);
  }

  signal(signal: "SIGTERM" | "SIGKILL"): void {
    const pid = this.#process?.pid;
    if (pid !== undefined) kill(signal === "SIGKILL" ? -pid : pid, signal);
  }
}

/** Signals a process or, if negative, a group; one that is gone is no error. */
function kill(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
