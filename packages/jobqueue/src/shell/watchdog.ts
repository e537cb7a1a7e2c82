// A process beside this one that cancels our jobs when this one is gone, however it ended. It is
// told what there is over a pipe, and the pipe's end tells it that we are gone.
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { BatchSystem, JobRef } from "../drivers/driver.js";

/** What the watchdog is told, one line of JSON each. */
export type WatchdogLine =
  | { type: "hello"; system: BatchSystem; tag: string }
  | { type: "submitting" }
  | { type: "submitted"; refs: readonly JobRef[] }
  /** Nothing is left to do. */
  | { type: "over" };

/** Processes always run compiled files, also when this package runs from its sources. */
const entry = new URL("./watchdog-main.js", import.meta.url);
entry.pathname = entry.pathname.replace(/\/src\/shell\/([^/]+)$/, "/dist/bundle/$1");

export class Watchdog {
  readonly #child: ChildProcess;

  constructor(system: BatchSystem, tag: string) {
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
    this.#tell({ type: "hello", system, tag });
  }

  submitting(): void {
    this.#tell({ type: "submitting" });
  }

  submitted(refs: readonly JobRef[]): void {
    this.#tell({ type: "submitted", refs });
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
