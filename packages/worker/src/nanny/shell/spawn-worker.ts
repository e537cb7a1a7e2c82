// Starts the process of a worker. It loads its code and then waits to be told what to be, so it may
// be started before there is a scheduler, and before its nanny.
import { type ChildProcess, fork } from "node:child_process";
import { inheritedExecArgv } from "../../exec/entry-files.js";
import { childEnvironment } from "./child-environment.js";

/**
 * Starts a process for `startNanny({ spare })`. One that is not used ends with its channel
 * (`disconnect()`).
 *
 * @param entry - the file of a worker process
 * @example
 * ```ts
 * const spare = spawnWorker(require.resolve("@acme/worker/worker-process"));
 * ```
 */
export function spawnWorker(entry: string): ChildProcess {
  // Its own process group, so that what a task started dies with it.
  const child = fork(entry, [], {
    detached: true,
    env: childEnvironment(process.env),
    execArgv: inheritedExecArgv(),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  // Whoever uses it listens for this as well; until then nobody does.
  child.on("error", () => {});
  return child;
}
