// The worker process as its nanny sees it: started, signalled, measured. Knows processes and the
// few words that go over the channel between the two; decides nothing.
import { type ChildProcess, fork } from "node:child_process";
import type { WorkerServerOptions } from "../../shell/worker-options.js";
import type { NannyEvent } from "../core/events.js";
import { childEnvironment } from "./child-environment.js";

/** From the nanny to its child. */
export type ToWorkerProcess = { type: "start"; options: WorkerServerOptions };
/** From the child to its nanny. */
export type FromWorkerProcess =
  | { type: "registered"; address: string }
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

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    const { entry, options, onEvent, onMessage } = this.#options;
    // Its own process group, so that what a task started dies with it.
    const child = fork(entry, [], {
      detached: true,
      env: childEnvironment(process.env),
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#process = child;
    child.once("spawn", () => onEvent({ type: "started", pid: child.pid ?? 0 }));
    child.once("error", (error) => {
      if (child.pid === undefined) onEvent({ type: "start-failed", message: error.message });
    });
    child.once("exit", (code, signal) => onEvent({ type: "exited", code, signal }));
    child.on("message", (message) => onMessage(message as FromWorkerProcess));
    child.send({ type: "start", options } satisfies ToWorkerProcess, () => {});
  }

  signal(signal: "SIGTERM" | "SIGKILL"): void {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    try {
      process.kill(signal === "SIGKILL" ? -pid : pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
