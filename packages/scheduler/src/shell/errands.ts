// Has done what only Python can do, by those whom the core has chosen, and tells it what came of it.
// Decides neither who is asked nor how often.
import { isAcmeError, type WorkerAddress } from "@acme/protocol";
import type { ErrandOrder, SchedulerEvent } from "../core/index.js";
import type { ForeignGraphs } from "./foreign-graphs.js";

export class Errands {
  readonly #python: ForeignGraphs | undefined;
  readonly #post: (event: SchedulerEvent) => void;
  readonly #open = new Map<number, AbortController>();

  constructor(python: ForeignGraphs | undefined, post: (event: SchedulerEvent) => void) {
    this.#python = python;
    this.#post = post;
  }

  async carryOut(order: ErrandOrder): Promise<void> {
    const controller = new AbortController();
    const { errandId } = order;
    this.#open.set(errandId, controller);
    const event = await this.#answer(order, controller.signal);
    if (controller.signal.aborted) return;
    this.#open.delete(errandId);
    this.#post(event);
  }

  /** Nobody wants the answer any more. */
  abandon(errandId: number): void {
    this.#open.get(errandId)?.abort();
    this.#open.delete(errandId);
  }

  async askHelper(): Promise<void> {
    const answer = { type: "helper-answered" as const, dask: null, problem: null };
    try {
      this.#post({ ...answer, dask: (await this.#python?.helperDask()) ?? null });
    } catch (error) {
      if (!isAcmeError(error)) throw error;
      this.#post({ ...answer, problem: error.message });
    }
  }

  close(): void {
    for (const errandId of [...this.#open.keys()]) this.abandon(errandId);
  }

  async #answer(order: ErrandOrder, signal: AbortSignal): Promise<SchedulerEvent> {
    const { errandId, at, task } = order;
    const python = this.#python;
    if (python === undefined) return failed(errandId, "this scheduler was started without Python");
    try {
      if (task.type === "unfold") {
        const graph = await python.unfold(task.message, at, signal);
        return { type: "materialized", errandId, graph };
      }
      const layout = await python.layOut(task.plan, at as WorkerAddress, signal);
      return { type: "shuffle-planned", errandId, layout };
    } catch (error) {
      if (!isAcmeError(error) && !signal.aborted) throw error;
      return failed(errandId, String((error as Error).message));
    }
  }
}

const failed = (errandId: number, message: string): SchedulerEvent => ({
  type: "errand-failed",
  errandId,
  message,
});
