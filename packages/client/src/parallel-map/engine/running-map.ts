// One run of a map from the check of its options to the end: place, cluster, calls, container, in
// that order, and the way back when one of them fails.
import { randomInt, randomUUID } from "node:crypto";
import type { Client } from "../../client.js";
import { pythonFacts } from "../../python/python-function.js";
import type { CallJob } from "../calls/run-each.js";
import { type ComputeMapOptions, storageRules } from "../compute-options.js";
import { concluded } from "../conclusion.js";
import type { MapEnd, MapRules } from "../core/index.js";
import { FileOutput } from "../file-output.js";
import { type Inputs, rowArguments } from "../inputs.js";
import { clusterWish, ignoredOptions, withClient } from "../map-client.js";
import { InterruptedError, type MapFailure } from "../map-errors.js";
import { mapLimits } from "../map-limits.js";
import { noRecords, type RunRecords } from "../records/run-records.js";
import { type FailedRun, mapError } from "../report/failure-report.js";
import { LogFile, logPath } from "../report/log-file.js";
import { type MapReport, RunningReport } from "../report/map-report.js";
import { RunPrinter } from "../report/run-printer.js";
import { returnResults } from "../return-result.js";
import { fileNameOf, givenFolder } from "../run-folder.js";
import { type WriteJob, type WrittenResult, writeResults } from "../write-result.js";
import type { FailedCall } from "./faults.js";
import { handleInterrupts } from "./interrupts.js";
import { keptOptions, leavesFiles } from "./kept-options.js";
import { type CallOutcome, type EngineOptions, MapEngine } from "./map-engine.js";
import { mapRules } from "./map-rules.js";
import { storingJob } from "./python-calls.js";

type AnyFunction = (...args: never[]) => unknown;

/** What a run is made from. */
export interface MapPlan {
  readonly fn: AnyFunction;
  readonly inputs: Inputs;
  readonly options: ComputeMapOptions;
  /** Bytes that a worker needs, by a few calls on this machine. */
  readonly estimateMemory?: (() => Promise<number>) | undefined;
  /** Told the path of the container as soon as it is there. */
  readonly onContainer: (path: string | undefined) => void;
}

/** An outcome as users get it; see `CallResult`. */
export type PlainResult = Readonly<Record<string, unknown>>;

/** What one go at the calls needs besides a client. */
interface Session {
  readonly origin: string;
  readonly stop: AbortSignal;
  readonly deliver: Deliver;
}

type Deliver = (results: readonly PlainResult[]) => void;

export class RunningMap {
  readonly #plan: MapPlan;
  readonly #rules: MapRules;
  readonly #storage: ReturnType<typeof storageRules>;
  readonly #report: RunningReport;
  readonly #printer: RunPrinter;
  readonly #interrupt = new AbortController();
  #files: FileOutput | undefined;
  #engine: MapEngine | undefined;
  #records: RunRecords;
  #hasBegun = false;

  /** @throws ArgumentError for options that make no sense */
  constructor(plan: MapPlan) {
    const { fn, inputs, options } = plan;
    this.#plan = plan;
    this.#storage = storageRules(options);
    this.#rules = { ...mapRules(options), alone: pythonFacts(fn) !== undefined };
    this.#records = noRecords(options.seed ?? randomInt(mapLimits.seeds));
    this.#report = new RunningReport(inputs.count);
    this.#printer = new RunPrinter(fn.name || "anonymous", this.#report, {
      prints: options.progress !== false,
      verbose: options.verbose,
    });
  }

  get report(): MapReport {
    return this.#report;
  }

  get resultsContainer(): string | undefined {
    return this.#files?.container;
  }

  /** Outcomes were taken, so that others may come. */
  taken(count: number): void {
    this.#engine?.taken(count);
  }

  /** What `compute` gives, from what every call came to. */
  conclusion(results: readonly unknown[]): unknown {
    const { output } = this.#plan.options;
    const { layout } = this.#storage;
    return concluded(results, { output, layout, container: this.resultsContainer });
  }

  /**
   * Makes all calls.
   *
   * @param left - aborts when nobody wants the rest
   * @throws MapError, OutputExistsError, the reason of the signal that ended it, …
   */
  async drive(left: AbortSignal, deliver: Deliver): Promise<void> {
    const { signal, handleSignals } = this.#plan.options;
    signal?.throwIfAborted();
    const stop = AbortSignal.any([left, this.#interrupt.signal, ...(signal ? [signal] : [])]);
    const driving = this.#drive(stop, deliver);
    const ended = driving.catch(() => {});
    const unhandle =
      handleSignals === false
        ? undefined
        : handleInterrupts({
            interrupt: async (name) => {
              this.#printer.interrupted(name);
              this.#interrupt.abort(new InterruptedError(name));
              await ended;
              this.#printer.leaving(this.#howToGoOn());
            },
          });
    try {
      await driving;
    } catch (error) {
      this.#printer.thrown(error);
      if (!this.#interrupt.signal.aborted) throw error;
    } finally {
      unhandle?.();
      await this.#printer.log?.settled();
    }
    // The process ends; whoever waits for results is not to go on as if it did not.
    if (this.#interrupt.signal.aborted) await new Promise<never>(() => {});
  }

  async #drive(stop: AbortSignal, deliver: Deliver): Promise<void> {
    const { fn, inputs, options, onContainer } = this.#plan;
    const { output = "files" } = options;
    if (leavesFiles(output)) {
      this.#files = await FileOutput.begin({
        fn,
        inputs,
        ...this.#storage,
        ...keptOptions(options),
      });
      this.#records = this.#files.records;
    }
    onContainer(this.#files?.container);
    await this.#openLog();
    if (inputs.count === 0) {
      this.#printer.say("there are no calls to make: a list without entries was given");
      this.#report.end("complete");
      await this.#close("complete");
      return;
    }
    if (this.#records.plan().done.size === inputs.count) return this.#nothingToDo(deliver);
    try {
      const wish = { ...clusterWish(options, inputs.count), estimateMemory: this.#estimate() };
      const { stopClient, setupTimeout } = options;
      const cluster = { client: options.client, wish, signal: stop, stopClient, setupTimeout };
      await withClient(cluster, async (client, origin) => {
        const where = `${origin} (${client.schedulerAddress})`;
        const ignored = ignoredOptions(options, origin);
        const place = this.#files?.notes ?? [];
        const notes = [...this.#storage.notes, ...place, ...ignored];
        this.#printer.begin(inputs, where, { notes, known: this.#records.plan().done.size });
        await this.#on(client, { origin, stop, deliver });
      });
    } catch (error) {
      if (this.#report.status === "waiting") this.#report.end("failed");
      // Nothing was sent: the next try is to find the place as this one did.
      if (!this.#hasBegun) await this.#files?.discard();
      throw error;
    }
  }

  /** What comes only when it is read cannot be tried beforehand. */
  #estimate(): (() => Promise<number | undefined>) | undefined {
    const { inputs, estimateMemory } = this.#plan;
    if (estimateMemory === undefined || inputs.isLazy) return undefined;
    return async () => {
      this.#printer.say("making a few calls here, to know how much memory they take");
      try {
        const bytes = await estimateMemory();
        this.#printer.say(`a call takes up to ${Math.ceil(bytes / 1e6)} MB, its worker included`);
        return bytes;
      } catch (error) {
        // What it needs may be on the nodes only.
        const [why] = (error instanceof Error ? error.message : String(error)).split("\n");
        this.#printer.say(`calls cannot be tried here (${why})`, "WARNING");
        return undefined;
      }
    };
  }

  async #openLog(): Promise<void> {
    const { fn, options } = this.#plan;
    const place = { logfile: options.logfile, folder: this.#files?.folder, name: fileNameOf(fn) };
    const path = await logPath(place);
    if (path !== undefined) this.#printer.log = new LogFile(path);
  }

  async #on(client: Client, { origin, stop, deliver }: Session): Promise<void> {
    const { inputs } = this.#plan;
    this.#report.begin();
    const { done } = this.#records.plan();
    const stopOrLost = AbortSignal.any([stop, this.#records.lost]);
    let end: MapEnd | undefined;
    let unfinished: { readonly error: unknown } | undefined;
    await this.#records.began({ scheduler: client.schedulerAddress, origin, client });
    try {
      this.#engine = new MapEngine(client, {
        source: inputs.open(),
        rules: this.#rules,
        sending: this.#sending(),
        known: (index) => done.get(index),
        ...this.#callbacks(deliver),
      });
      end = await this.#engine.run(stopOrLost);
    } finally {
      this.#report.end(end ?? "failed");
      this.#printer.end();
      if (this.#hasBegun || end === "complete") {
        unfinished = await this.#close(end).then(
          () => undefined,
          (error: unknown) => ({ error }),
        );
      }
    }
    if (end === "cancelled") throw stopOrLost.reason;
    // What failed first is what people want to know: a disk that is full fails the container too.
    this.#conclude();
    if (unfinished !== undefined) throw unfinished.error;
  }

  /** Every result is there from earlier sessions: no cluster is needed to hand them out. */
  async #nothingToDo(deliver: Deliver): Promise<void> {
    this.#report.begin();
    const { done } = this.#records.plan();
    this.#printer.say(`all ${done.size} results are there already`);
    const known = { attempts: 0, durationMs: undefined, where: undefined, row: undefined };
    deliver(
      [...done].map(([index, payload]) => {
        return this.#done({ index, status: "done", payload, ...known });
      }),
    );
    this.#tellProgress();
    this.#report.end("complete");
    await this.#close("complete");
    this.#conclude();
  }

  #tellProgress(): void {
    const { done, failed, resumed, total } = this.#report;
    this.#plan.options.onProgress?.({ done: done + failed, failed, resumed, total });
  }

  /** The container first: with its records the run is let go, and others may go on with it. */
  async #close(end: MapEnd | undefined): Promise<void> {
    this.#printer.log?.begin();
    const { failed } = this.#report;
    try {
      const isCut = end !== "complete" && this.#storage.kind === "single";
      if (!this.#records.lost.aborted && !isCut) await this.#files?.finish(this.#report.total);
    } finally {
      const complete = failed > 0 ? "failed" : "done";
      await this.#records.finish(end === "complete" ? complete : "cancelled");
      if (end === "complete") await this.#files?.tidy();
    }
  }

  #callbacks(
    deliver: Deliver,
  ): Pick<EngineOptions, "onOutcomes" | "onLog" | "onRetries" | "onBegin" | "onNoWorkers"> {
    return {
      onOutcomes: (outcomes) => {
        deliver(outcomes.map((outcome) => this.#outcome(outcome)));
        this.#printer.update();
        this.#tellProgress();
      },
      onLog: (index, text) => this.#printer.callLog(index, text),
      onRetries: (retries) => {
        this.#report.retried += retries.length;
      },
      onNoWorkers: () => {
        this.#printer.say("there is no worker yet: the calls wait for the first one", "WARNING");
      },
      onBegin: () => {
        this.#hasBegun = true;
        this.#printer.log?.begin();
      },
    };
  }

  #conclude(): void {
    const { failed } = this.#report;
    if (failed > 0 && this.#rules.onError !== "continue") throw mapError(this.#failedRun());
    if (failed > 0) this.#printer.failures(this.#failedRun());
    if (this.#files !== undefined) this.#printer.results(this.#files);
  }

  #outcome(outcome: CallOutcome): PlainResult {
    return outcome.status === "failed" ? this.#failed(outcome) : this.#done(outcome);
  }

  #failed({ index, attempts, payload, row }: CallOutcome): PlainResult {
    const args = row === undefined ? [] : rowArguments(this.#plan.inputs, row);
    const failure: MapFailure = { index, args, attempts, ...(payload as FailedCall) };
    this.#report.fail(failure);
    this.#files?.fail(failure);
    this.#records.failed(index, { ...failure, attempt: attempts });
    return { status: "failed", ...failure };
  }

  #done({ index, attempts, payload, durationMs, where }: CallOutcome): PlainResult {
    this.#report.done += 1;
    const facts = { index, status: "done", attempts, durationMs };
    const { options } = this.#plan;
    if (attempts === 0) this.#report.resumed += 1;
    if (this.#files === undefined && options.output === "none") return facts;
    if (this.#files === undefined) return { ...facts, value: payload };
    const written = payload as WrittenResult;
    this.#files.record(index, written);
    if (attempts > 0)
      this.#records.done(index, written, { attempt: attempts, durationMs, ...where });
    return { ...facts, path: this.#files.path(written) };
  }

  /** The task carries the function, so that workers load it once. */
  #sending(): EngineOptions["sending"] {
    const { fn, inputs, options } = this.#plan;
    const context = {
      name: fileNameOf(fn),
      seed: this.#records.origin.seed,
      outputDir: this.#files?.folder ?? (options.outputDir ? givenFolder(options.outputDir) : null),
      logs: this.#files?.logs ?? null,
      isShown: options.verbose === true && options.progress !== false,
    };
    const isPython = pythonFacts(fn) !== undefined;
    const called = isPython ? storingJob : { fn, calls: inputs.layout };
    const calls: CallJob = { ...called, timeLimitMs: options.timeLimitMs, context };
    const job: WriteJob | undefined = this.#files && { ...calls, ...this.#files.job };
    const returned = { layout: this.#storage.layout, returns: options.output !== "none" };
    const task =
      job === undefined
        ? returnResults.bind(null, { ...calls, ...returned })
        : writeResults.bind(null, job);
    return {
      task,
      shared: isPython ? [] : inputs.shared,
      python: isPython ? { fn, layout: inputs.layout, shared: inputs.shared } : undefined,
      // Never by content: two runs of one map are two runs, and a random function differs each time.
      prefix: `${fileNameOf(fn)}-${randomUUID().replaceAll("-", "")}`,
      options: taskOptions(options),
    };
  }

  #failedRun(): FailedRun {
    const { done, failures, failedIndexes, total: count } = this.#report;
    return {
      name: this.#plan.fn.name || "anonymous",
      count,
      done,
      failures,
      failedIndexes,
      resultsContainer: this.resultsContainer,
      failuresFile: this.#files?.failuresFile,
      howToGoOn: this.#howToGoOn(),
    };
  }

  #howToGoOn(): string {
    if (this.#files === undefined) return "";
    const folder = JSON.stringify(this.#files.folder);
    return `to go on with it: the same map with outputDir: ${folder}, or ParallelMap.resume(${folder})`;
  }
}

function taskOptions(options: ComputeMapOptions) {
  const { priority, workers, allowOtherWorkers, resources, slots, ...rest } = options;
  const { executor, maxDurationMs, memoryBytes } = rest;
  const placed = { priority, workers, allowOtherWorkers, resources, slots };
  return { ...placed, executor, maxDurationMs, memoryBytes };
}
