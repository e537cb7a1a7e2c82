// Asks Python about graphs: a connected worker, through dask's own request, or the helper process.
// Where scheduler and Python are put together; who is asked, and how often, the core decides.
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
import type { ForeignGraphs, ForeignParts, Unfolder } from "../shell/foreign-graphs.js";
import type { UploadedFile } from "../shell/python-side.js";
import { KnownNames } from "./known-names.js";
import { unfoldLimits } from "./limits.js";
import { bytesOfRun } from "./run-reply.js";
import { layOutShuffle } from "./shuffle-layouts.js";
import { UploadedFiles } from "./uploaded-files.js";

type Outcome = UnfoldedGraph | UnfoldFailure;
type Message = Parameters<ForeignGraphs["quick"]>[0];

/**
 * @param parts - of the scheduler that needs its graphs unfolded
 * @param python - executable of the helper, which is then preferred to workers; undefined:
 *   `python3`, when no worker is connected; null: no helper
 */
export function pythonGraphs(parts: ForeignParts, python?: string | null): ForeignGraphs {
  const graphs = new PythonGraphs(parts, python);
  return {
    settings: {
      helper: python === null ? null : (python ?? defaultPython),
      isHelperFirst: python != null,
    },
    quick: (message) => graphs.quick(message),
    unfold: (message, at, signal) => graphs.unfold(message, at, signal),
    layOut: (plan, at, signal) => layOutShuffle(parts, plan, { at, signal }),
    helperDask: () => graphs.helperDask(),
    workerPlugins: standardWorkerPlugins(),
    exception: pythonException,
    close: () => graphs.close(),
  };
}

const defaultPython = "python3";

class PythonGraphs {
  readonly #parts: ForeignParts;
  readonly #helper: PythonHelper;
  readonly #known = new KnownNames();
  /** Names of graphs that Python is to read first. */
  readonly #unknown = new WeakMap<object, ReadonlySet<string>>();
  readonly #files = new UploadedFiles();

  constructor(parts: ForeignParts, python: string | null | undefined) {
    this.#parts = parts;
    const importFrom = () => this.#files.importFrom;
    this.#helper = new PythonHelper(python ?? defaultPython, importFrom);
    const keep = (file: UploadedFile) => {
      this.#files.keep(file);
      this.#helper.renew();
    };
    for (const file of parts.uploads.follow(keep)) keep(file);
  }

  /** One task, if Python has read all names in it before. */
  quick(message: Message): UnfoldedGraph | null {
    const quick = quickUnfold(message);
    if (quick === null) return null;
    if (this.#known.knows(quick.names)) return quick.graph;
    this.#unknown.set(message, quick.names);
    return null;
  }

  async unfold(message: Message, at: Unfolder, signal: AbortSignal): Promise<Outcome> {
    const reader = new UnfoldedReader();
    let next = unfoldQuestion(message);
    for (;;) {
      const answer = await (at === null
        ? this.#helper.ask(next, signal)
        : this.#askWorker(at, next, signal));
      const taken = reader.take(answer);
      if ("token" in taken) {
        next = taken;
        continue;
      }
      const names = this.#unknown.get(message);
      if (names !== undefined && !("error" in taken)) this.#known.learn(names);
      return taken;
    }
  }

  async helperDask(): Promise<string> {
    return String((await this.#helper.versions()).get("dask"));
  }

  async close(): Promise<void> {
    this.#helper.close();
    this.#files.remove();
  }

  async #askWorker(
    worker: string,
    question: UnfoldQuestion,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const request = { ...runFields(question) };
    const timeoutMs = unfoldLimits.answerMs;
    return bytesOfRun(await this.#parts.pool.call(worker, request, { timeoutMs, signal }));
  }
}
