// A process beside this one that cancels our jobs when this one is gone, however it ended. It is
// told what there is over a pipe, and the pipe's end tells it that we are gone.
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { BatchSystem, JobRef } from "../drivers/driver.js";

/** What it watches over. */
export interface WatchdogDuty {
  readonly system: BatchSystem;
  /** Marks the jobs. */
  readonly tag: string;
  /** A cluster directory that is to be removed with the last job. */
  readonly folder: string | null;
}

/** A cluster that goes on without its client. */
export interface DetachedCluster {
  /** File that is there until somebody takes over. */
  readonly marker: string;
  /** The cluster's directory, whose contact file tells where the scheduler is. */
  readonly directory: string;
  /** The scheduler's job. */
  readonly scheduler: JobRef | null;
}

/** What the watchdog is told, one line of JSON each. */
export type WatchdogLine =
  | ({ type: "hello" } & WatchdogDuty)
  | { type: "submitting" }
  | { type: "submitted"; refs: readonly JobRef[] }
  | ({ type: "detached" } & DetachedCluster)
  /** Nothing is left to do. */
  | { type: "over" };

/** Processes always run compiled files, also when this package runs from its sources. */
const entry = new URL("./watchdog-main.js", import.meta.url);
entry.pathname = entry.pathname.replace(/\/src\/shell\/([^/]+)$/, "/dist/bundle/$1");

export class Watchdog {
  readonly #child: ChildProcess;

  constructor(duty: WatchdogDuty) {
    // In a session of its own, so that Ctrl-C and the end of the terminal do not reach it.
    this.#child = spawn(process.execPath, [fileURLToPath(entry)], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      cwd: "/",
    });
    // Without it jobs still end by themselves, only later.
    this.#child.on("error", () => {});
    this.#child.stdin?.on("error", () => {});
    this.#child.unref();
    (this.#child.stdin as unknown as { unref(): void } | null)?.unref();
    this.#tell({ type: "hello", ...duty });
  }

  submitting(): void {
    this.#tell({ type: "submitting" });
  }

  submitted(refs: readonly JobRef[]): void {
    this.#tell({ type: "submitted", refs });
  }

  /** The cluster goes on when this process ends; it is cleared away when its scheduler is gone. */
  detach(cluster: DetachedCluster): void {
    this.#tell({ type: "detached", ...cluster });
    this.#child.stdin?.end();
  }

  /** All jobs are gone: it may end. */
  dismiss(): void {
    this.#tell({ type: "over" });
    this.#child.stdin?.end();
  }

  /** Some jobs may still be there: it goes on by itself. */
  takeOver(): void {
    this.#child.stdin?.end();
  }

  #tell(line: WatchdogLine): void {
    this.#child.stdin?.write(`${JSON.stringify(line)}\n`);
  }
}
