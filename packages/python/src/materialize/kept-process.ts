// The helper process as its user sees it: starts when first asked, starts again after it died, and
// gives up for a while when it dies all the time. Knows neither graphs nor workers.
import { PythonError } from "../errors.js";
import { pythonLimits } from "../limits.js";
import { PythonProcess, type PythonVersions } from "./python-process.js";
import type { UnfoldQuestion } from "./unfold-call.js";

/**
 * A Python process that unfolds graphs.
 *
 * @example
 * ```ts
 * const helper = new PythonHelper("python3");
 * const versions = await helper.versions();
 * helper.close();
 * ```
 */
export class PythonHelper {
  readonly executable: string;
  #process: PythonProcess | undefined;
  /** When its latest processes ended badly. */
  #deathsMs: number[] = [];
  #isClosed = false;
  /** Why there is none, and until when nobody tries again. */
  #refused: { readonly error: PythonError; readonly untilMs: number } | undefined;

  readonly #importFrom: () => readonly string[];
  #isStale = false;

  /**
   * @param executable - a path, or a command of the PATH
   * @param importFrom - folders and archives that it can import from, besides its own
   */
  constructor(executable: string, importFrom: () => readonly string[] = () => []) {
    this.executable = executable;
    this.#importFrom = importFrom;
  }

  /** What it can import has changed: the next question that finds it idle starts it anew. */
  renew(): void {
    this.#isStale = true;
  }

  /**
   * What the process runs; starts it if there is none.
   *
   * @throws PythonError if it cannot be started, or cannot import dask
   */
  async versions(): Promise<PythonVersions> {
    return this.#running().ready;
  }

  /**
   * One answer, after those asked for before.
   *
   * @param signal - nobody wants the answer any more: a process that is at nothing else is ended
   * @throws PythonError if the process ended or took too long; asking again starts another, which
   *   knows nothing of graphs that were begun
   */
  async ask(question: UnfoldQuestion, signal?: AbortSignal): Promise<Uint8Array> {
    const helper = this.#running();
    await helper.ready;
    if (signal?.aborted) throw new PythonError("PYTHON_UNAVAILABLE", "nobody wants the answer");
    const leave = () => {
      if (helper.questions === 1) this.#stop(helper);
    };
    signal?.addEventListener("abort", leave, { once: true });
    try {
      return await helper.ask(question);
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  }

  /** Ends the process. */
  close(): void {
    this.#isClosed = true;
    this.#process?.stop();
  }

  /** Which is no death. */
  #stop(running: PythonProcess): void {
    running.stop();
    this.#deathsMs.pop();
  }

  #running(): PythonProcess {
    if (this.#process !== undefined && !this.#process.isOver) {
      if (!this.#isStale || this.#process.questions > 0) return this.#process;
      this.#stop(this.#process);
    }
    if (this.#isClosed) throw new PythonError("PYTHON_UNAVAILABLE", "the helper was closed");
    const nowMs = performance.now();
    if (this.#refused !== undefined && nowMs < this.#refused.untilMs) throw this.#refused.error;
    const since = nowMs - pythonLimits.helperDeathsMs;
    this.#deathsMs = this.#deathsMs.filter((atMs) => atMs > since);
    if (this.#deathsMs.length >= pythonLimits.helperDeaths) {
      const message = `the helper process ${this.executable} has died ${this.#deathsMs.length} times`;
      throw new PythonError("PYTHON_UNAVAILABLE", message);
    }
    this.#isStale = false;
    this.#process = new PythonProcess(this.executable, this.#importFrom());
    this.#deathsMs.push(nowMs);
    this.#process.ready.then(
      () => {
        this.#refused = undefined;
      },
      (error: PythonError) => {
        this.#refused = { error, untilMs: performance.now() + pythonLimits.helperRetryMs };
      },
    );
    return this.#process;
  }
}
