// Unfolds graphs of Python clients: a connected Python worker does it, and another one if that
// dies over it. Where scheduler and Python are put together; decides nothing about tasks.
import { setTimeout as sleep } from "node:timers/promises";
import { isAcmeError } from "@acme/protocol";
import {
  pythonException,
  runFields,
  standardWorkerPlugins,
  type UnfoldedGraph,
  UnfoldedReader,
  type UnfoldFailure,
  type UnfoldQuestion,
  unfoldQuestion,
} from "@acme/python";
import type { ForeignGraphs, ForeignParts, UnfoldRequest } from "../shell/foreign-graphs.js";
import { unfoldLimits } from "./limits.js";
import { bytesOfRun } from "./run-reply.js";
import { layOutShuffle } from "./shuffle-layouts.js";

type Outcome = UnfoldedGraph | UnfoldFailure;
type Ask = (question: UnfoldQuestion) => Promise<Uint8Array>;

/** @param parts - of the scheduler that needs its graphs unfolded */
export function pythonGraphs(parts: ForeignParts): ForeignGraphs {
  const graphs = new PythonGraphs(parts);
  return {
    unfold: (request) => graphs.unfold(request),
    layOut: (plan, signal) => layOutShuffle(parts, plan, signal),
    workerPlugins: standardWorkerPlugins(),
    exception: pythonException,
    close: async () => {},
  };
}

class PythonGraphs {
  readonly #parts: ForeignParts;
  /** Graphs that each worker is unfolding now. */
  readonly #busy = new Map<string, number>();

  constructor(parts: ForeignParts) {
    this.#parts = parts;
  }

  async unfold(request: UnfoldRequest): Promise<Outcome> {
    const question = unfoldQuestion(request.message);
    const failed = new Map<string, string>();
    while (failed.size < unfoldLimits.workersTried) {
      const worker = await this.#worker(failed, request.signal);
      if (worker === undefined) break;
      try {
        return await this.#on(worker, question, request.signal);
      } catch (error) {
        if (!isAcmeError(error)) throw error;
        if (request.signal.aborted) break;
        failed.set(worker, error.message);
        this.#warn(`${worker} could not unfold a graph: ${error.message}`, request);
      }
    }
    return this.#failure(failed);
  }

  /** The least busy worker of those not tried yet; waits for one if there is none at all. */
  async #worker(
    failed: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const deadlineMs = performance.now() + unfoldLimits.workerWaitMs;
    while (!signal.aborted) {
      const left = this.#parts.workers().filter((address) => !failed.has(address));
      const load = (address: string) => this.#busy.get(address) ?? 0;
      const [first] = left.sort((a, b) => load(a) - load(b));
      const isLate = performance.now() > deadlineMs;
      if (first !== undefined || failed.size > 0 || isLate) return first;
      await sleep(unfoldLimits.workerLookMs);
    }
    return undefined;
  }

  async #on(worker: string, question: UnfoldQuestion, signal: AbortSignal): Promise<Outcome> {
    this.#busy.set(worker, (this.#busy.get(worker) ?? 0) + 1);
    try {
      return await answersTo(question, (one) => this.#ask(worker, one, signal));
    } finally {
      const rest = (this.#busy.get(worker) ?? 1) - 1;
      if (rest > 0) this.#busy.set(worker, rest);
      else this.#busy.delete(worker);
    }
  }

  async #ask(worker: string, question: UnfoldQuestion, signal: AbortSignal): Promise<Uint8Array> {
    const timeoutMs = unfoldLimits.answerMs;
    const reply = await this.#parts.pool.call(
      worker,
      { ...runFields(question) },
      {
        timeoutMs,
        signal,
      },
    );
    return bytesOfRun(reply);
  }

  #failure(failed: ReadonlyMap<string, string>): UnfoldFailure {
    const said = [...failed.values()].at(-1);
    const message =
      failed.size === 0
        ? "This scheduler needs Python to unfold the graphs of Python clients, and no Python " +
          "worker is connected. Start one (`dask worker`)."
        : `No Python worker could unfold the graph (${failed.size} tried). The last said: ${said}`;
    const fields = new Map([
      ["message", message],
      ["code", "BAD_GRAPH"],
    ]);
    return { error: message, exception: pythonException(fields), traceback: null };
  }

  #warn(text: string, { client }: UnfoldRequest): void {
    this.#parts.log({ level: "warn", event: "unfold-failed", text, client });
  }
}

async function answersTo(question: UnfoldQuestion, ask: Ask): Promise<Outcome> {
  const reader = new UnfoldedReader();
  let next = question;
  for (;;) {
    const taken = reader.take(await ask(next));
    if (!("token" in taken)) return taken;
    next = taken;
  }
}
