// What a computation may be told, and whether it makes sense: everything that can be refused is
// refused before anything is written or sent.
import type { Attributes } from "@acme/hdf5";
import type { Client } from "../client.js";
import { ArgumentError } from "../errors.js";
import type { TaskOptions } from "../task-options.js";
import { type ResultLayout, type ResultShape, resultDtype, resultLayout } from "./result-layout.js";
import type { Output } from "./types.js";

/** How far a map is. */
export interface MapProgress {
  /** Calls that have ended, failed ones included. */
  readonly done: number;
  readonly failed: number;
  readonly total: number;
}

/** Options of {@link ParallelMap.compute}; those of tasks go for each call. */
export interface ComputeMapOptions<O extends Output = Output> extends TaskOptions {
  /** `"files"` (default): one HDF5 file per call and a container; `"memory"`: the values. */
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
  /** Called each time a call has ended. */
  readonly onProgress?: ((progress: MapProgress) => void) | undefined;
  /** false: print nothing. Default: what is computed, a bar, and where results are, on stderr. */
  readonly progress?: boolean | undefined;
}

/** How results are stored, if they are. */
export interface StorageRules {
  readonly layout: ResultLayout | null;
  readonly dtype: string | null;
}

const known: Readonly<Record<keyof ComputeMapOptions, true>> = {
  output: true,
  outputDir: true,
  resultShape: true,
  resultDtype: true,
  attributes: true,
  client: true,
  nWorkers: true,
  partition: true,
  memPerWorker: true,
  onProgress: true,
  progress: true,
  retries: true,
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

const fileOptions = ["outputDir", "resultShape", "resultDtype", "attributes"] as const;

/** @throws ArgumentError for options that do not exist, or contradict each other */
export function storageRules(options: ComputeMapOptions): StorageRules {
  refuseUnknown(options);
  const { output = "files" } = options;
  if (output !== "files" && output !== "memory") {
    throw new ArgumentError(`output "${output}" is unknown: give "files" or "memory"`);
  }
  const useless = fileOptions.filter((name) => options[name] !== undefined);
  if (output === "memory" && useless.length > 0) {
    throw new ArgumentError(`${useless.join(", ")}: for files only, leave it out with "memory"`);
  }
  const dtype = options.resultDtype === undefined ? null : resultDtype(options.resultDtype);
  if (options.resultShape === undefined) return { layout: null, dtype };
  const layout = resultLayout(options.resultShape, dtype ?? "float64");
  return { layout, dtype: layout.dtype };
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
