// A function and its calls, ready to be computed on a cluster as often as one likes. Making one
// does nothing but read the arguments.
import { ArgumentError } from "../errors.js";
import type { ComputeMapOptions, ComputeOnlyOptions } from "./compute-options.js";
import { askToGoOn, type DryRunReport, dryRun, dryRunText } from "./engine/dry-run.js";
import { type EstimateOptions, estimateMap, type MapEstimate } from "./engine/estimate.js";
import { MapRun } from "./engine/map-run.js";
import { runHere } from "./engine/run-here.js";
import type { MapPlan } from "./engine/running-map.js";
import { callArguments, countedInputs, type Inputs, repeatInputs, zipInputs } from "./inputs.js";
import { MapError } from "./map-errors.js";
import { type RestoredRun, restoreRun, type WhichMap } from "./records/restore-run.js";
import type { ResultShape } from "./result-layout.js";
import type { StackedResults } from "./stack-values.js";
import type { CallArguments, Computed, OnError, Output, WholeArguments } from "./types.js";

/** Options of {@link ParallelMap.resume}. */
export interface ResumeRunOptions<E extends OnError = OnError>
  extends Omit<ComputeMapOptions<"files", E>, "output">,
    WhichMap {}

/** Stands for the arguments when the number of calls is given; see {@link ParallelMap.times}. */
class Repeated {
  readonly count: number;
  readonly args: readonly unknown[];

  constructor(count: number, args: readonly unknown[]) {
    this.count = count;
    this.args = args;
  }
}

/** Stands for the arguments of a map that is made from the records of its run. */
class Restored {
  readonly inputs: Inputs;
  readonly options: ComputeMapOptions;

  constructor({ inputs, options }: Pick<RestoredRun, "inputs" | "options">) {
    this.inputs = inputs;
    this.options = options;
  }
}

/**
 * Calls of one function, spread over lists: lists and typed arrays are zipped, one entry per call,
 * and everything else goes to every call.
 *
 * @example
 * ```ts
 * const add = (x: number, y: number) => x + y;
 * const pmap = new ParallelMap(add, [2, 4, 6, 8], 4);
 * await pmap.compute({ output: "memory" }); // [6, 8, 10, 12]
 * const paths = await pmap.compute(); // ./ACME_<time>/add_payload/add_0.h5, …
 * console.log(pmap.resultsContainer); // ./ACME_<time>/add.h5
 * ```
 */
export class ParallelMap<const A extends readonly unknown[], R> {
  readonly #fn: (...args: never[]) => unknown;
  readonly #inputs: Inputs;
  readonly #defaults: ComputeMapOptions;
  #resultsContainer: string | undefined;

  /**
   * @param fn - a plain function; it is sent to the workers with what it captures
   * @param args - its arguments: a list or 1-d typed array gives each call one entry, any other
   *   value goes to all calls; `each(x)` spreads an iterable or a field of an options object,
   *   `shared(x)` protects a list
   * @throws ArgumentError if no argument is a list, lists differ in length, there are more
   *   arguments than parameters, or an object stands where a parameter has a plain default
   */
  constructor(fn: (...args: CallArguments<A>) => R, ...args: A) {
    if (typeof fn !== "function") {
      throw new ArgumentError(`the first argument of ParallelMap is a function, not ${typeof fn}`);
    }
    const [first] = args;
    this.#fn = fn as (...args: never[]) => unknown;
    this.#defaults = first instanceof Restored ? first.options : {};
    if (first instanceof Restored) this.#inputs = first.inputs;
    else if (first instanceof Repeated) {
      this.#inputs = repeatInputs(first.count, this.#fn, first.args);
    } else this.#inputs = zipInputs(this.#fn, args);
  }

  /**
   * A given number of calls with the same arguments. Lists are not spread here: every argument
   * goes whole to every call, but for what is in `each()`.
   *
   * @param count - how many calls; each `each()` has that many entries
   * @throws ArgumentError as the constructor does
   * @example
   * ```ts
   * ParallelMap.times(100, simulate, { cells: 64 }); // simulate({ cells: 64 }), 100 times
   * ```
   */
  static times<const A extends readonly unknown[], R>(
    count: number,
    fn: (...args: WholeArguments<A>) => R,
    ...args: A
  ): ParallelMap<A, R> {
    const make = ParallelMap as unknown as new (
      fn: unknown,
      repeated: Repeated,
    ) => ParallelMap<A, R>;
    return new make(fn, new Repeated(count, args));
  }

  /**
   * As many calls as you say, by ACME's rule for `n_inputs`: lists with that many entries are spread,
   * every other argument goes whole to every call.
   *
   * @param nInputs - how many calls, from 1 on, or `"auto"` for what the constructor does
   * @throws ArgumentError if no list has that many entries, unless all have one or there are none
   * @example
   * ```ts
   * ParallelMap.withInputs(2, (x: number, band: number[]) => x, [1, 2], [8, 12, 30]);
   * ```
   */
  static withInputs<const A extends readonly unknown[], R>(
    nInputs: number | "auto",
    fn: (...args: never[]) => R,
    ...args: A
  ): ParallelMap<A, R> {
    const inputs = countedInputs(nInputs, fn, args);
    const make = ParallelMap as unknown as new (fn: unknown, made: Restored) => ParallelMap<A, R>;
    return new make(fn, new Restored({ inputs, options: {} }));
  }

  /**
   * The map of a run that was begun earlier, by this process or another: function and inputs come
   * from its folder. Its `compute()` goes on with that run.
   *
   * @param dir - the folder of the run, relative to this process
   * @param which - `name`: the function, where the folder holds runs of several; `fn`: the function
   *   to go on with, instead of the stored one
   * @throws NoRunError if there is none, FunctionShipError if its function cannot be loaded here
   * @example
   * ```ts
   * const pmap = await ParallelMap.open("results");
   * console.log(pmap.nInputs);
   * ```
   */
  static async open(
    dir: string,
    which: WhichMap = {},
  ): Promise<ParallelMap<readonly unknown[], unknown>> {
    const found = await restoreRun(dir, which);
    const make = ParallelMap as unknown as new (
      fn: unknown,
      restored: Restored,
    ) => ParallelMap<readonly unknown[], unknown>;
    return new make(found.fn, new Restored(found));
  }

  /**
   * Goes on with a run that was interrupted, or of which some calls failed: computes what is not on
   * disk, whole, and nothing else. The same map with the same `outputDir` does so too.
   *
   * @param dir - the folder of the run, relative to this process
   * @param options - as those of {@link ParallelMap.compute}, and `name` as of `open`
   * @returns paths of all result files, in input order
   * @throws NoRunError, RunInUseError, and what `compute` throws
   * @example
   * ```ts
   * const paths = await ParallelMap.resume("ACME_20260131-142501-123456");
   * ```
   */
  static async resume<E extends OnError = "throw">(
    dir: string,
    options: ResumeRunOptions<E> = {},
  ): Promise<Computed<unknown, "files", E>> {
    const { name, fn, ...rest } = options;
    const pmap = await ParallelMap.open(dir, { name, fn });
    return pmap.compute<"files", E>(rest);
  }

  /** How many calls there are; Infinity if only reading the inputs can tell. */
  get nInputs(): number {
    return this.#inputs.count;
  }

  /**
   * The arguments of every call, made anew on each access.
   *
   * @throws ArgumentError if inputs are read only while the map runs
   */
  get calls(): readonly CallArguments<A>[] {
    return Array.from({ length: this.nInputs }, (_, i) => {
      return callArguments(this.#inputs, i) as CallArguments<A>;
    });
  }

  /**
   * Path of the HDF5 container of the last `compute()` that wrote files; it exists from the moment
   * the calls are sent, and also when some of them fail.
   */
  get resultsContainer(): string | undefined {
    return this.#resultsContainer;
  }

  /**
   * Makes the calls on a cluster: that of `client`, of the current client, or one started for the
   * occasion and ended with it.
   *
   * @param options - where results go and in what shape, which cluster, how tasks run
   * @returns paths of the result files, or with `output: "memory"` the values; in input order
   * @throws MapError after all calls have ended, if some failed and `onError` is not `"continue"`;
   *   OutputExistsError if there are results of unknown origin; InputsChangedError,
   *   CodeChangedError if those are of another map; RunInUseError if another process computes it;
   *   RunFolderLostError if the folder goes away; FolderNotSharedError if workers do not see it;
   *   ArgumentError for options that make no sense; the signal's reason
   * @example
   * ```ts
   * await new ParallelMap(covariance, range(50)).compute({
   *   outputDir: "results",
   *   resultShape: [28, 28, null], // one array of 28 x 28 x 50
   * });
   * ```
   */
  compute<E extends OnError = "throw">(
    options: ComputeMapOptions<"memory", E> &
      ComputeOnlyOptions & {
        readonly output: "memory";
        readonly resultShape: ResultShape;
      },
  ): Promise<StackedResults>;
  compute<O extends Output = "files", E extends OnError = "throw">(
    options?: ComputeMapOptions<O, E> & ComputeOnlyOptions,
  ): Promise<Computed<R, O, E>>;
  async compute(all: ComputeMapOptions & ComputeOnlyOptions = {}): Promise<unknown> {
    const { debug = false, dryRun = false, ...options } = all;
    if (dryRun) {
      process.stderr.write(`acme: ${dryRunText(await this.dryRun())}\n`);
      await askToGoOn(options.interactive ?? true);
    }
    if (debug) return runHere(this.#plan(options));
    const results: unknown[] = [];
    // Paths of calls that failed are null, as JSON and other languages know it.
    const nothing = options.output === "memory" ? undefined : null;
    const place = (index: number, result: unknown) => {
      while (results.length < index) results.push(nothing);
      results[index] = result;
    };
    const run = this.run(options);
    try {
      for await (const call of run) {
        if (call.status === "failed") place(call.index, nothing);
        else if ("path" in call) place(call.index, call.path);
        else place(call.index, "value" in call ? call.value : undefined);
      }
    } catch (error) {
      throw error instanceof MapError ? error.withPartial(results) : error;
    }
    return run.conclusion(results);
  }

  /**
   * Makes the calls as `compute()` does, and gives each outcome as it comes, in no order. It begins
   * when the first is asked for; a loop that is left cancels the rest. No more than `maxInFlight`
   * calls are read from the inputs before outcomes are taken.
   *
   * @throws ArgumentError for options that make no sense; what goes wrong later, the loop throws
   * @example
   * ```ts
   * for await (const call of pmap.run({ output: "memory", onError: "continue" })) {
   *   if (call.status === "done") console.log(call.index, call.value);
   *   else console.log(call.index, call.error.message);
   * }
   * ```
   */
  run<O extends Output = "files", E extends OnError = "throw">(
    options: ComputeMapOptions<O, E> = {},
  ): MapRun<R, O> {
    return new MapRun<R, O>(this.#plan(options));
  }

  /**
   * Makes one call, picked at random, in this process, and keeps nothing of it.
   *
   * @returns which call it was, its seconds, and the bytes that this process has grown by
   * @throws what the call throws; ArgumentError if there are no calls
   * @example
   * ```ts
   * const { seconds } = await new ParallelMap(analyse, subjects).dryRun();
   * ```
   */
  dryRun(): Promise<DryRunReport> {
    return dryRun(this.#fn, this.#inputs);
  }

  /**
   * Makes a few calls on this machine, one after the other in a worker process, to know what all of
   * them will take. Results are thrown away.
   *
   * @param options - how many calls, and how many seconds each may take
   * @throws what a call throws; ArgumentError if inputs come only when they are read
   * @example
   * ```ts
   * const { memoryPerTask, coreHours } = await pmap.estimate({ sample: 3 });
   * await pmap.compute({ memPerWorker: Math.ceil(1.2 * memoryPerTask) });
   * ```
   */
  estimate(options: EstimateOptions = {}): Promise<MapEstimate> {
    return estimateMap(this.#fn, this.#inputs, options);
  }

  #plan(options: ComputeMapOptions): MapPlan {
    return {
      fn: this.#fn,
      inputs: this.#inputs,
      options: { ...this.#defaults, ...options },
      estimateMemory: async () => (await this.estimate()).memoryPerTask,
      onContainer: (container) => {
        this.#resultsContainer = container;
      },
    };
  }
}
