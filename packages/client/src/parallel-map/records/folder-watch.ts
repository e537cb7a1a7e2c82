// Looks after the folder of a run while it goes on: says to others that its owner is alive, and to
// the run that the folder is gone or in other hands. What is done about it is not decided here.
import { stat } from "node:fs/promises";
import { codeOf } from "../run-folder.js";
import type { OwnerToken } from "./owner-token.js";
import { RunFolderLostError } from "./record-errors.js";
import { recordLimits } from "./record-limits.js";

export class FolderWatch {
  readonly #owner: OwnerToken;
  readonly #payload: string;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #soon: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(owner: OwnerToken, payload: string) {
    this.#owner = owner;
    this.#payload = payload;
    this.#timer = setInterval(() => this.#look(), recordLimits.heartbeatMs).unref();
  }

  /** Aborted once, with the error to throw. */
  get lost(): AbortSignal {
    return this.#controller.signal;
  }

  /** Looks soon, once for all who ask. */
  look(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#look();
    }, recordLimits.lookMs).unref();
  }

  /** Looks a last time. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    this.#look();
    await this.#looking;
  }

  #look(): void {
    this.#looking = this.#looking.then(async () => {
      if (this.lost.aborted) return;
      try {
        await this.#owner.refresh();
        await stat(this.#payload);
      } catch (error) {
        if (error instanceof RunFolderLostError) this.#controller.abort(error);
        else if (codeOf(error) === "ENOENT") {
          this.#controller.abort(
            new RunFolderLostError(this.#payload, "it was deleted or moved", error),
          );
        }
        // A full disk or a server that is away for a moment ends no run.
      }
    });
  }
}
