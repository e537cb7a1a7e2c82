// One computation of a map, from the check of its options to its results: place, cluster, calls,
// container, in that order, and the way back when one of them fails.
import type { Client } from "../client.js";
import { type ComputeMapOptions, storageRules } from "./compute-options.js";
import { mapError } from "./failure-report.js";
import { FileOutput } from "./file-output.js";
import type { Inputs } from "./inputs.js";
import { clusterWish, ignoredOptions, withClient } from "./map-client.js";
import { mapLimits } from "./map-limits.js";
import { ProgressBar } from "./progress.js";
import { openFolderRecords } from "./records/folder-records.js";
import { noRecords, type RunOutcome, type RunRecords } from "./records/run-records.js";
import { returnResult } from "./return-result.js";
import { runCalls } from "./run-calls.js";
import { fileNameOf } from "./run-folder.js";
import { type WriteJob, type WrittenResult, writeResult } from "./write-result.js";

type AnyFunction = (...args: never[]) => unknown;
type Task = (index: number, ...values: never[]) => unknown;

/**
 * Computes all calls.
 *
 * @param onContainer - told the path of the container as soon as it is there
 * @returns paths or values, in input order
 */
export async function computeMap(
  fn: AnyFunction,
  inputs: Inputs,
  options: ComputeMapOptions,
  onContainer: (path: string | undefined) => void,
): Promise<unknown[]> {
  const rules = storageRules(options);
  options.signal?.throwIfAborted();
  const { outputDir, attributes = {}, output = "files" } = options;
  const files =
    output === "files"
      ? await FileOutput.begin({ fn, count: inputs.count, ...rules, outputDir, attributes })
      : undefined;
  onContainer(files?.container);
  const run = new MapRun(fn, inputs, options, files);
  if (inputs.count === 0) {
    run.say("there are no calls to make: a list without entries was given");
    return [];
  }
  try {
    const { client, signal } = options;
    const wish = clusterWish(options, inputs.count);
    return await withClient({ client, wish, signal }, (one, origin) => run.on(one, origin));
  } catch (error) {
    // Nothing was sent: the next try is to find the place as this one did.
    if (!run.hasBegun) await files?.discard();
    throw error;
  }
}

class MapRun {
  hasBegun = false;
  readonly #fn: AnyFunction;
  readonly #inputs: Inputs;
  readonly #options: ComputeMapOptions;
  readonly #files: FileOutput | undefined;
  readonly #values: unknown[];
  readonly #errors = new Map<number, Error>();
  readonly #failedIndexes: number[] = [];
  #records: RunRecords = noRecords();
  #done = 0;

  constructor(
    fn: AnyFunction,
    inputs: Inputs,
    options: ComputeMapOptions,
    files: FileOutput | undefined,
  ) {
    this.#fn = fn;
    this.#inputs = inputs;
    this.#options = options;
    this.#files = files;
    this.#values = new Array(inputs.count).fill(undefined);
  }

  async on(client: Client, origin: string): Promise<unknown[]> {
    const { count, description } = this.#inputs;
    const name = this.#fn.name || "anonymous";
    this.say(`${count} calls of ${name} on ${origin} (${client.schedulerAddress})`);
    this.say(description);
    const ignored = ignoredOptions(this.#options, origin);
    if (ignored !== undefined) this.say(ignored);
    this.#records = await this.#openRecords();
    try {
      await this.#records.began({ scheduler: client.schedulerAddress, origin });
      await this.#compute(client);
    } finally {
      await this.#records.finish(this.#outcome());
      if (this.hasBegun) await this.#files?.finish();
    }
    this.#options.signal?.throwIfAborted();
    if (this.#failedIndexes.length > 0) throw this.#failure(name);
    this.#sayEnd();
    return this.#files?.paths() ?? this.#values;
  }

  say(text: string): void {
    if (this.#options.progress !== false) process.stderr.write(`acme: ${text}\n`);
  }

  async #openRecords(): Promise<RunRecords> {
    if (this.#files === undefined) return noRecords();
    return openFolderRecords({ fn: this.#fn, folder: this.#files.folder });
  }

  #outcome(): RunOutcome {
    if (this.#done < this.#inputs.count) return "cancelled";
    return this.#failedIndexes.length === 0 ? "done" : "failed";
  }

  async #compute(client: Client): Promise<void> {
    const { progress, onProgress } = this.#options;
    const total = this.#inputs.count;
    const bar = progress === false ? undefined : new ProgressBar(total, process.stderr);
    const ended = () => {
      this.hasBegun = true;
      this.#done += 1;
      const failed = this.#failedIndexes.length;
      bar?.update(this.#done, failed);
      onProgress?.({ done: this.#done, failed, total });
    };
    try {
      await runCalls(client, {
        task: this.#task(),
        name: fileNameOf(this.#fn),
        inputs: this.#inputs,
        options: taskOptions(this.#options),
        onValue: (index, value) => {
          if (this.#files === undefined) this.#values[index] = value;
          else this.#recordFile(this.#files, index, value as WrittenResult);
          ended();
        },
        onError: (index, error) => {
          if (this.#errors.size < mapLimits.failuresKept) this.#errors.set(index, error);
          this.#failedIndexes.push(index);
          this.#records.failed(index, { error });
          ended();
        },
      });
    } finally {
      bar?.end();
    }
  }

  #recordFile(files: FileOutput, index: number, written: WrittenResult): void {
    files.record(index, written);
    this.#records.done(index, written);
  }

  /** The task carries the function, so that workers load it once. */
  #task(): Task {
    const calls = { fn: this.#fn, calls: this.#inputs.layout };
    if (this.#files === undefined) return returnResult.bind(null, calls) as Task;
    const job: WriteJob = { ...calls, ...this.#files.job };
    return writeResult.bind(null, job) as Task;
  }

  #failure(name: string): Error {
    return mapError({
      name,
      inputs: this.#inputs,
      errors: this.#errors,
      failedIndexes: this.#failedIndexes.sort((a, b) => a - b),
      resultsContainer: this.#files?.container,
    });
  }

  #sayEnd(): void {
    if (this.#files === undefined) return;
    const { container, fallbacks, needsManyFiles } = this.#files;
    this.say(`results are in ${container}`);
    if (needsManyFiles) {
      this.say(
        "reading result_0 opens a file per call, and HDF5 shows NaN without a word for those " +
          "beyond the limit of open files: raise it before reading, as with `ulimit -n 65536`",
      );
    }
    if (fallbacks.length === 0) return;
    const shown = fallbacks.slice(0, mapLimits.fallbacksTold).join(", ");
    const more = fallbacks.length > mapLimits.fallbacksTold ? ", …" : "";
    this.say(
      `${fallbacks.length} results cannot be stored as HDF5 and are msgpack: ${shown}${more}`,
    );
  }
}

function taskOptions(options: ComputeMapOptions) {
  const { retries, priority, workers, allowOtherWorkers, resources, slots, ...rest } = options;
  const { executor, maxDurationMs, memoryBytes, signal } = rest;
  const placed = { retries, priority, workers, allowOtherWorkers, resources, slots };
  return { ...placed, executor, maxDurationMs, memoryBytes, signal };
}
