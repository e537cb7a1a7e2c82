// What a computation may be told, and whether it makes sense: everything that can be refused is
// refused before anything is written or sent.
import { inspect } from "node:util";
import type { Attributes } from "@acme/hdf5";
import type { Client } from "../client.js";
import { ArgumentError } from "../errors.js";
import type { TaskOptions } from "../task-options.js";
import { mapLimits } from "./map-limits.js";
import type { ResumeOptions } from "./records/open-run.js";
import { type ResultLayout, type ResultShape, resultDtype, resultLayout } from "./result-layout.js";
import type { OnError, Output } from "./types.js";

/** How far a map is. */
export interface MapProgress {
  /** Calls that have ended, failed ones included. */
  readonly done: number;
  readonly failed: number;
  /** Of those that are done, the ones that were so from an earlier run. */
  readonly resumed: number;
  /** Infinity while the inputs have not told how many they are. */
  readonly total: number;
}

/** When and how a call that failed is made again. */
export interface RetryOptions {
  /** Attempts after the first. */
  readonly max: number;
  /** Milliseconds before the second attempt; default 500. */
  readonly backoffMs?: number | undefined;
  /** By how much that grows with each further one; default 2. */
  readonly backoffFactor?: number | undefined;
  /** Milliseconds that it grows to; default 60,000. */
  readonly backoffMaxMs?: number | undefined;
  /**
   * How much more memory the next attempt is given, if one died for want of it; default 2. It runs
   * on a worker that has that much, or on one of the largest.
   */
  readonly memoryFactor?: number | undefined;
}

/** Options of {@link ParallelMap.compute}; those of tasks go for each call. */
export interface ComputeMapOptions<O extends Output = Output, E extends OnError = OnError>
  extends Omit<TaskOptions, "retries"> {
  /**
   * What a failed call does to the others: `"throw"` (default) lets all end and throws then,
   * `"continue"` throws nothing and leaves its place empty, `"fail-fast"` cancels the others.
   */
  readonly onError?: E | undefined;
  /** Further attempts of a call that failed; default 0. */
  readonly retries?: number | RetryOptions | undefined;
  /** Milliseconds that one attempt of a call may take where it runs; default: any. */
  readonly timeLimitMs?: number | undefined;
  /**
   * Calls that are read from the inputs and not yet taken from `run()`; default 10,000, on
   * large clusters 8 per slot.
   */
  readonly maxInFlight?: number | undefined;
  /**
   * true (default): Ctrl-C and SIGTERM end the map in good order and then the process, unless the
   * program listens for them itself. false: they are left alone.
   */
  readonly handleSignals?: boolean | undefined;
  /**
   * `"files"` (default): one HDF5 file per call and a container over them; `"single"`: one HDF5 file
   * that holds everything; `"serialized"`: one msgpack file per call, whatever it returned;
   * `"memory"`: the values; `"none"`: nothing is kept, the function saves what it finds by itself.
   */
  readonly output?: O | undefined;
  /** Folder for the files, relative to this process; default: a new `./ACME_<time>`. */
  readonly outputDir?: string | undefined;
  /**
   * Shape of all results together: `null` where calls are stacked, at most one `Infinity` where
   * results differ in length. The container then shows one array `result_0`.
   */
  readonly resultShape?: ResultShape | undefined;
  /** numpy name of the element type of `result_0`; with `resultShape` the default is float64. */
  readonly resultDtype?: string | undefined;
  /**
   * Without `outputDir`: first remove run folders here, named `ACME_<time>`, in which nothing was
   * made for so many days; 0: all. Default: none is removed.
   */
  readonly cleanupThresholdDays?: number | undefined;
  /** How to go on with the run whose results are in `outputDir`, if there is one. */
  readonly resume?: ResumeOptions | undefined;
  /**
   * Default true: a result is on the disk before its call counts as done. False is faster, and a
   * loss of power may then cost results, which are computed again when the run is resumed.
   */
  readonly fsync?: boolean | undefined;
  /** Attributes of the container, besides our own. */
  readonly attributes?: Attributes | undefined;
  /** Default: the current client, else a cluster of a registered kind, else this machine. */
  readonly client?: Client | undefined;
  /**
   * Workers of a cluster that is started for this map; default: one per call, at most a hundred, as
   * jobs of a batch system, one per core on this machine.
   */
  readonly nWorkers?: number | undefined;
  /** Where such a cluster's jobs go; `"auto"`: the smallest partition that suffices. */
  readonly partition?: string | undefined;
  /** Memory of such a cluster's workers, such as `"8 GB"`. */
  readonly memPerWorker?: string | number | undefined;
  /**
   * true: the cluster that the map used is ended with it, also one that was there; false: one that was
   * started for it stays, as the current client. `"auto"` (default): what was started is ended.
   */
  readonly stopClient?: "auto" | boolean | undefined;
  /** Seconds that the first worker of a cluster may take that is started for this map. */
  readonly setupTimeout?: number | undefined;
  /**
   * Whole number below 2^32 from which the seed of each call is made, see `getTaskContext()`.
   * Default: a new one for each run, which is written down with its results.
   */
  readonly seed?: number | undefined;
  /**
   * false: only what is odd is printed; true: also what calls write with `console.log`, when they
   * have ended. Default: what is computed, a bar, and where results are.
   */
  readonly verbose?: boolean | undefined;
  /**
   * A log of the run: a path, or true for `ACME_<function>_<time>.log` beside the results, or in the
   * folder of this process where there are none; false: none. Default: true for results in files.
   */
  readonly logfile?: boolean | string | undefined;
  /** Called when calls have ended; once for several that ended together. */
  readonly onProgress?: ((progress: MapProgress) => void) | undefined;
  /** false: print nothing. Default: what is computed, a bar, and where results are, on stderr. */
  readonly progress?: boolean | undefined;
  /**
   * false: nothing is asked, also on a terminal. Default true: where jobs do not start in time, or
   * after a dry run, whoever sits there is asked; a question that nobody answers answers itself.
   */
  readonly interactive?: boolean | undefined;
}

/** Options of {@link ParallelMap.compute} alone. */
export interface ComputeOnlyOptions {
  /**
   * true: the calls are made here, in this process, one after the other, on no cluster. Breakpoints
   * work, and the first error is thrown as the function threw it.
   */
  readonly debug?: boolean | undefined;
  /**
   * true: one call, picked at random, is made here first; what it took is printed, and on a terminal
   * you are asked whether to go on.
   */
  readonly dryRun?: boolean | undefined;
}

/** The outputs that leave files of ours. */
export type FileOutputKind = "files" | "single" | "serialized";

/** How results are stored, if they are. */
export interface StorageRules {
  readonly layout: ResultLayout | null;
  readonly dtype: string | null;
  /** Default: `"files"`. */
  readonly kind?: FileOutputKind | undefined;
}

/** The same, and what was asked for in vain. */
export interface CheckedStorage extends StorageRules {
  readonly notes: readonly string[];
}

const known: Readonly<Record<keyof ComputeMapOptions, true>> = {
  output: true,
  outputDir: true,
  resultShape: true,
  resultDtype: true,
  attributes: true,
  cleanupThresholdDays: true,
  resume: true,
  fsync: true,
  client: true,
  nWorkers: true,
  partition: true,
  memPerWorker: true,
  stopClient: true,
  setupTimeout: true,
  seed: true,
  verbose: true,
  logfile: true,
  onProgress: true,
  progress: true,
  interactive: true,
  onError: true,
  retries: true,
  timeLimitMs: true,
  maxInFlight: true,
  handleSignals: true,
  priority: true,
  workers: true,
  allowOtherWorkers: true,
  resources: true,
  slots: true,
  executor: true,
  maxDurationMs: true,
  memoryBytes: true,
  signal: true,
};

/** Options that mean nothing with an output: what ACME warns of, we do. */
const uselessWith: Readonly<Record<Output, readonly (keyof ComputeMapOptions)[]>> = {
  files: [],
  single: [],
  serialized: ["resultShape", "resultDtype", "attributes"],
  memory: ["outputDir", "attributes", "cleanupThresholdDays", "resume", "fsync"],
  none: ["resultShape", "resultDtype", "attributes", "cleanupThresholdDays", "resume", "fsync"],
};

/** @throws ArgumentError for options that do not exist, or contradict each other */
export function storageRules(options: ComputeMapOptions): CheckedStorage {
  refuseUnknown(options);
  refuseWrong(options);
  const { output = "files" } = options;
  if (!Object.hasOwn(uselessWith, output)) {
    const outputs = Object.keys(uselessWith).map((name) => `"${name}"`);
    throw new ArgumentError(`output "${output}" is unknown: give ${outputs.join(", ")}`);
  }
  const dtype = options.resultDtype === undefined ? null : resultDtype(options.resultDtype);
  const shape = options.resultShape;
  const layout = shape === undefined ? null : resultLayout(shape, dtype ?? "float64");
  const kind = output === "memory" || output === "none" ? undefined : output;
  const useless = uselessWith[output].filter((name) => options[name] !== undefined);
  const notes = useless.map((name) => `${name} does nothing with output "${output}"`);
  const isArray = output !== "serialized" && output !== "none";
  if (!isArray) return { layout: null, dtype: null, kind, notes };
  return { layout, dtype: layout?.dtype ?? dtype, kind, notes };
}

const isBoolean = (value: unknown): boolean => typeof value === "boolean";

/** Options that would mean something else than was meant. */
const wanted: readonly [keyof ComputeMapOptions, (value: unknown) => boolean, string][] = [
  ["stopClient", (value) => value === "auto" || isBoolean(value), '"auto", true or false'],
  ["setupTimeout", (value) => Number.isFinite(value) && Number(value) >= 0, "seconds from 0 on"],
  [
    "seed",
    (value) => Number.isSafeInteger(value) && isSeed(Number(value)),
    "below 2^32, from 0 on",
  ],
  ["verbose", isBoolean, "true or false"],
  ["logfile", (value) => typeof value === "string" || isBoolean(value), "a path, true or false"],
  ["outputDir", (value) => typeof value === "string", "a path"],
  ["interactive", isBoolean, "true or false"],
];

const isSeed = (value: number): boolean => value >= 0 && value < mapLimits.seeds;

function refuseWrong(options: ComputeMapOptions): void {
  for (const [name, isRight, what] of wanted) {
    const value = options[name];
    if (value === undefined || isRight(value)) continue;
    throw new ArgumentError(`the option ${name} is ${inspect(value)}: give ${what}`);
  }
}

/** A misspelt option would be ignored without a word, and results go where nobody looks. */
function refuseUnknown(options: ComputeMapOptions): void {
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(known, name));
  if (unknown.length > 0) {
    throw new ArgumentError(
      `compute() has no option ${unknown.join(", ")}; there are ${Object.keys(known).join(", ")}`,
    );
  }
  const { client } = options;
  if (client !== undefined && typeof client.schedulerAddress !== "string") {
    throw new ArgumentError(
      "the option client is no Client: give what `await Client.connect(…)` resolves with",
    );
  }
}
