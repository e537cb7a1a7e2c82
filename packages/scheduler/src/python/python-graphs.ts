// Unfolds graphs of Python clients: a connected Python worker does it, or the helper process; another
// one if the first dies over it. Where scheduler and Python are put together; decides nothing about
// tasks.
import { setTimeout as sleep } from "node:timers/promises";
import { isAcmeError } from "@acme/protocol";
import {
  PythonHelper,
  pythonException,
  quickUnfold,
  runFields,
  standardWorkerPlugins,
  type UnfoldedGraph,
  UnfoldedReader,
  type UnfoldFailure,
  type UnfoldQuestion,
  unfoldQuestion,
} from "@acme/python";
import type { ForeignGraphs, ForeignParts, UnfoldRequest } from "../shell/foreign-graphs.js";
import type { UploadedFile } from "../shell/python-side.js";
import { KnownNames } from "./known-names.js";
import { unfoldLimits } from "./limits.js";
import { bytesOfRun } from "./run-reply.js";
import { layOutShuffle } from "./shuffle-layouts.js";
import { UploadedFiles } from "./uploaded-files.js";

type Outcome = UnfoldedGraph | UnfoldFailure;

/** Somebody who can unfold a graph. */
interface Unfolder {
  readonly name: string;
  ask(question: UnfoldQuestion): Promise<Uint8Array>;
}

/** What was tried for one graph, and what came of it. */
interface Attempts {
  readonly count: Map<string, number>;
  total: number;
  lastError: string | undefined;
  /** Why the helper cannot do it. */
  helper: string | undefined;
}

/**
 * @param parts - of the scheduler that needs its graphs unfolded
 * @param python - executable of the helper, which is then preferred to workers; undefined:
 *   `python3`, when no worker is connected; null: no helper
 */
export function pythonGraphs(parts: ForeignParts, python?: string | null): ForeignGraphs {
  const graphs = new PythonGraphs(parts, python);
  return {
    quick: (message) => graphs.quick(message),
    unfold: (request) => graphs.unfold(request),
    layOut: (plan, signal) => layOutShuffle(parts, plan, signal),
    workerPlugins: standardWorkerPlugins(),
    exception: pythonException,
    close: () => graphs.close(),
  };
}

class PythonGraphs {
  readonly #parts: ForeignParts;
  readonly #helper: PythonHelper | null;
  readonly #isHelperFirst: boolean;
  readonly #known = new KnownNames();
  /** Names of graphs that Python is to read first. */
  readonly #unknown = new WeakMap<object, ReadonlySet<string>>();
  readonly #files = new UploadedFiles();
  /** Graphs that each worker is unfolding now. */
  readonly #busy = new Map<string, number>();

  constructor(parts: ForeignParts, python: string | null | undefined) {
    this.#parts = parts;
    const importFrom = () => this.#files.importFrom;
    this.#helper = python === null ? null : new PythonHelper(python ?? "python3", importFrom);
    const keep = (file: UploadedFile) => {
      this.#files.keep(file);
      this.#helper?.renew();
    };
    for (const file of parts.uploads.follow(keep)) keep(file);
    this.#isHelperFirst = python !== undefined && python !== null;
    // Importing dask takes a second, which nobody should wait for.
    if (this.#isHelperFirst) void this.#helper?.versions().catch(() => {});
  }

  /** One task, if Python has read all names in it before. */
  quick(message: UnfoldRequest["message"]): UnfoldedGraph | null {
    const quick = quickUnfold(message);
    if (quick === null) return null;
    if (this.#known.knows(quick.names)) return quick.graph;
    this.#unknown.set(message, quick.names);
    return null;
  }

  async unfold(request: UnfoldRequest): Promise<Outcome> {
    const outcome = await this.#unfoldInPython(request);
    const names = this.#unknown.get(request.message);
    if (names !== undefined && !("error" in outcome)) this.#known.learn(names);
    return outcome;
  }

  async #unfoldInPython(request: UnfoldRequest): Promise<Outcome> {
    const question = unfoldQuestion(request.message);
    const attempts: Attempts = {
      count: new Map(),
      total: 0,
      lastError: undefined,
      helper: undefined,
    };
    while (attempts.total < unfoldLimits.attempts && !request.signal.aborted) {
      const unfolder = await this.#next(attempts, request);
      if (unfolder === undefined) break;
      try {
        return await answersTo(question, unfolder);
      } catch (error) {
        if (!isAcmeError(error)) throw error;
        if (request.signal.aborted) break;
        attempts.total += 1;
        attempts.count.set(unfolder.name, (attempts.count.get(unfolder.name) ?? 0) + 1);
        attempts.lastError = error.message;
        this.#warn(`${unfolder.name} could not unfold a graph: ${error.message}`, request);
      }
    }
    return failure(attempts, request);
  }

  async close(): Promise<void> {
    this.#helper?.close();
    this.#files.remove();
  }

  /** Who is to try next; waits a while for somebody if there is nobody at all. */
  async #next(attempts: Attempts, request: UnfoldRequest): Promise<Unfolder | undefined> {
    const deadlineMs = performance.now() + unfoldLimits.workerWaitMs;
    do {
      const first = this.#isHelperFirst ? await this.#viaHelper(attempts, request) : undefined;
      const found = first ?? this.#viaWorker(attempts, request);
      if (found !== undefined) return found;
      const last = this.#isHelperFirst ? undefined : await this.#viaHelper(attempts, request);
      if (last !== undefined || attempts.total > 0) return last;
      await sleep(unfoldLimits.workerLookMs);
    } while (!request.signal.aborted && performance.now() < deadlineMs);
    return undefined;
  }

  #viaWorker({ count }: Attempts, { dask, signal }: UnfoldRequest): Unfolder | undefined {
    const left = this.#parts.workers().filter(({ address }) => !count.has(address));
    const same = left.filter((one) => dask === null || one.dask === dask);
    const load = ({ address }: { address: string }) => this.#busy.get(address) ?? 0;
    const [worker] = (same.length > 0 ? same : left).sort((a, b) => load(a) - load(b));
    if (worker === undefined) return undefined;
    const { address } = worker;
    return { name: address, ask: (question) => this.#askWorker(address, question, signal) };
  }

  async #viaHelper(attempts: Attempts, { dask }: UnfoldRequest): Promise<Unfolder | undefined> {
    const helper = this.#helper;
    const name = helper?.executable ?? "";
    if (helper === null || (attempts.count.get(name) ?? 0) >= unfoldLimits.helperTries) {
      return undefined;
    }
    try {
      const its = (await helper.versions()).get("dask");
      if (dask === null || its === dask) return { name, ask: (question) => helper.ask(question) };
      attempts.helper = `${name} has dask ${its}, the client ${dask}`;
    } catch (error) {
      if (!isAcmeError(error)) throw error;
      attempts.helper = error.message;
    }
    return undefined;
  }

  async #askWorker(
    worker: string,
    question: UnfoldQuestion,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    this.#busy.set(worker, (this.#busy.get(worker) ?? 0) + 1);
    try {
      const timeoutMs = unfoldLimits.answerMs;
      const request = { ...runFields(question) };
      return bytesOfRun(await this.#parts.pool.call(worker, request, { timeoutMs, signal }));
    } finally {
      const rest = (this.#busy.get(worker) ?? 1) - 1;
      if (rest > 0) this.#busy.set(worker, rest);
      else this.#busy.delete(worker);
    }
  }

  #warn(text: string, { client }: UnfoldRequest): void {
    this.#parts.log({ level: "warn", event: "unfold-failed", text, client });
  }
}

function failure({ total, lastError, helper }: Attempts, { dask }: UnfoldRequest): UnfoldFailure {
  const remedy =
    "Start a Python worker (`dask worker`), or the scheduler with `--python <executable>` of a " +
    `Python that has dask${dask === null ? "" : ` ${dask}`}.`;
  const error =
    total === 0
      ? "The scheduler needs Python to unfold graphs of Python clients. No Python worker is " +
        `connected, and there is no helper${helper === undefined ? "" : ` (${helper})`}. ${remedy}`
      : `Nobody could unfold the graph, tried ${total} times. The last to try said: ${lastError}`;
  return { error, exception: pythonException(new Map([["message", error]])), traceback: null };
}

async function answersTo(question: UnfoldQuestion, unfolder: Unfolder): Promise<Outcome> {
  const reader = new UnfoldedReader();
  let next = question;
  for (;;) {
    const taken = reader.take(await unfolder.ask(next));
    if (!("token" in taken)) return taken;
    next = taken;
  }
}
