// Child processes for all slots: started on demand, with one warm spare from the first on, so
// that a suspect task does not wait for a process to start.
import { ChildExecutor } from "./child-executor.js";
import type { SlotEnvironment } from "./slot-devices.js";
import type { StartOptions } from "./thread-executor.js";

export class ChildPool {
  readonly #options: StartOptions;
  #spare: ChildExecutor | undefined;
  #closed = false;

  constructor(options: StartOptions) {
    this.#options = options;
  }

  /** A child that has run nothing yet. */
  take(environment: SlotEnvironment): ChildExecutor {
    // One that waits has its variables already.
    if (environment !== undefined) return new ChildExecutor(this.#options, environment);
    const spare = this.#spare;
    this.#spare = undefined;
    setImmediate(() => this.#keepSpare());
    if (spare !== undefined && !spare.hasExited) return spare;
    return new ChildExecutor(this.#options, undefined);
  }

  close(): void {
    this.#closed = true;
    this.#spare?.kill();
    this.#spare = undefined;
  }

  #keepSpare(): void {
    if (this.#closed || this.#spare !== undefined) return;
    this.#spare = new ChildExecutor(this.#options, undefined);
  }
}
