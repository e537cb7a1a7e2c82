// The worker process as its nanny sees it: started, signalled, measured. Knows processes and the
// few words that go over the channel between the two; decides nothing.
import { type ChildProcess, fork } from "node:child_process";
import { inheritedExecArgv } from "../../exec/entry-files.js";
import type { WorkerServerOptions } from "../../shell/worker-options.js";
import type { NannyEvent } from "../core/events.js";
import { childEnvironment } from "./child-environment.js";

/** From the nanny to its child. */
export type ToWorkerProcess = { type: "start"; options: WorkerServerOptions };
/** From the child to its nanny. */
export type FromWorkerProcess =
  /** Each time: also when it found the scheduler again. */
  | { type: "registered" }
  /** An executor hangs in native code: only the end of the whole process helps. */
  | { type: "stuck"; reason: string };

export interface ChildOptions {
  entry: string;
  options: WorkerServerOptions;
  onEvent: (event: NannyEvent) => void;
  onMessage: (message: FromWorkerProcess) => void;
}

export class Child {
  readonly #options: ChildOptions;
  #process: ChildProcess | undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  /** Undefined while there is no process. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    const { entry, options, onEvent, onMessage } = this.#options;
    // Its own process group, so that what a task started dies with it.
    const child = fork(entry, [], {
      detached: true,
      env: childEnvironment(process.env),
      execArgv: inheritedExecArgv(),
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#process = child;
    child.once("spawn", () => onEvent({ type: "started", pid: child.pid ?? 0 }));
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

  signal(signal: "SIGTERM" | "SIGKILL"): void {
    const pid = this.#process?.pid;
    if (pid !== undefined) kill(signal === "SIGKILL" ? -pid : pid, signal);
  }
}

/** Signals a process or, if negative, a group; one that is gone is no error. */
export function kill(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
