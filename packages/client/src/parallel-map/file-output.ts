// The files of one run, as the process sees it that wants them: the place, the container before
// and after, and the paths to hand out. What each call writes is in write-result.ts, what is written
// down about the run in records/.
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Attributes, syncFolder, VIRTUAL_SOURCES_SAFE_MAX } from "@acme/hdf5";
import { ArgumentError } from "../errors.js";
import type { StorageRules } from "./compute-options.js";
import {
  beginContainer,
  type ContainerFacts,
  consolidateContainer,
  endContainer,
  isWhole,
} from "./container.js";
import type { Inputs } from "./inputs.js";
import { type MapFailure, OutputExistsError } from "./map-errors.js";
import { tidyRunFolders } from "./records/cleanup.js";
import { openFolderRecords } from "./records/folder-records.js";
import type { ResumeOptions } from "./records/open-run.js";
import { logsFolder } from "./records/record-paths.js";
import type { RunRecords } from "./records/run-records.js";
import { FailuresFile } from "./report/failures-file.js";
import { discardRunFolder, fileNameOf, makeRunFolder, removeIfEmpty } from "./run-folder.js";
import { removeCopied } from "./single-file.js";
import type { WriteJob, WrittenResult } from "./write-result.js";

const require = createRequire(import.meta.url);
const { version } = require("@acme/client/package.json") as { version: string };

export interface FileOutputOptions extends StorageRules {
  readonly fn: (...args: never[]) => unknown;
  /** How many calls there are may be Infinity: then it is told at the end. */
  readonly inputs: Inputs;
  readonly outputDir: string | undefined;
  readonly attributes: Attributes;
  readonly cleanupThresholdDays?: number | undefined;
  readonly resume?: ResumeOptions | undefined;
  readonly fsync?: boolean | undefined;
  readonly seed?: number | undefined;
  /** What the user asked for, to be told with the results. */
  readonly options?: unknown;
}

export class FileOutput {
  readonly records: RunRecords;
  /** What there is to tell about the place. */
  readonly notes: string[] = [];
  #facts: ContainerFacts;
  readonly #rules: StorageRules;
  readonly #results: (WrittenResult | undefined)[] = [];
  readonly #failures: FailuresFile;

  private constructor(facts: ContainerFacts, rules: StorageRules, records: RunRecords) {
    this.records = records;
    this.#facts = facts;
    this.#rules = rules;
    this.#failures = new FailuresFile(facts.folder.folder, facts.name);
    for (const [index, result] of records.plan().done) this.#results[index] = result;
  }

  /**
   * Makes the folders and the container, or goes on with those that are there.
   *
   * @throws OutputExistsError if there are results without records; ArgumentError, Hdf5Error for
   *   attributes that cannot be stored; what opening records throws
   */
  static async begin(options: FileOutputOptions): Promise<FileOutput> {
    const { fn, inputs, layout, dtype, kind = "files", outputDir, ...others } = options;
    const { attributes: _, ...rest } = others;
    const name = fileNameOf(fn);
    const own = allAttributes(options);
    const { cleanupThresholdDays: olderThanDays } = options;
    const notes = outputDir === undefined ? await tidyRunFolders(olderThanDays) : [];
    const count = Number.isFinite(inputs.count) ? inputs.count : 0;
    const folder = await makeRunFolder(name, outputDir, kind);
    const rules = { layout, dtype, kind };
    let records: RunRecords | undefined;
    try {
      records = await openFolderRecords({ fn, inputs, folder, rules, ...rest, attributes: own });
      const { attributes } = records;
      const facts = { name, count, folder, layout, kind, attributes };
      const files = new FileOutput(facts, rules, records);
      files.notes.push(...notes);
      if (kind === "files" && records.plan().isNew) await beginContainer(facts);
      else if (kind === "files") await endContainer(facts, files.#results);
      return files;
    } catch (error) {
      await records?.discard();
      // A run that is there already, perhaps in other hands, is none of ours to tidy up.
      if (records === undefined) await removeIfEmpty(folder);
      else if (records.plan().isNew) {
        const withContainer = kind === "files" && !(error instanceof OutputExistsError);
        await discardRunFolder(folder, { withContainer });
      }
      throw error;
    }
  }

  /** Undefined where there is none: with `"serialized"`. */
  get container(): string | undefined {
    return this.#facts.kind === "serialized" ? undefined : this.#facts.folder.container;
  }

  get folder(): string {
    return this.#facts.folder.folder;
  }

  /** Told at the end, of all calls that failed. */
  get failuresFile(): string {
    return this.#failures.path;
  }

  /** Folder of what calls write with `console.log`. */
  get logs(): string {
    return logsFolder(this.folder);
  }

  /** What workers must know to store results. */
  get job(): Omit<WriteJob, "fn" | "calls"> {
    const { name, folder } = this.#facts;
    return { name, payload: folder.payload, ...this.#rules, origin: this.records.origin };
  }

  /** Of each call that is recorded, by its number. */
  get results(): readonly (WrittenResult | undefined)[] {
    return this.#results;
  }

  /** Calls whose values are no HDF5 but `.msgpack`. */
  get fallbacks(): readonly string[] {
    if (this.#facts.kind === "serialized") return [];
    return this.#results.flatMap((result) => {
      return result !== undefined && result.shapes === undefined ? [result.file] : [];
    });
  }

  record(index: number, result: WrittenResult): void {
    this.#results[index] = result;
  }

  fail(failure: MapFailure): void {
    this.#failures.add(failure);
  }

  /**
   * Writes what is there into the container, and what failed beside it.
   *
   * @param count - calls of the run; Infinity: as many as have ended, if it was cut short
   */
  async finish(count: number): Promise<void> {
    const calls = Number.isFinite(count) ? count : this.#results.length;
    const attributes = { ...this.#facts.attributes, n_inputs: BigInt(calls) };
    this.#facts = { ...this.#facts, count: calls, attributes };
    const { folder, kind } = this.#facts;
    if (!this.records.plan().isMerged) {
      await syncFolder(folder.payload);
      const { layout } = this.#facts;
      // Beyond so many files readers show NaN without a word where they cannot open one more.
      const isReal = layout !== null && kind === "files" && calls > VIRTUAL_SOURCES_SAFE_MAX;
      if (isReal) await consolidateContainer({ ...this.#facts, layout }, this.#results);
      else if (kind !== "serialized") await endContainer(this.#facts, this.#results);
    }
    await this.#failures.finish(calls);
  }

  /** Removes what nobody needs after `finish`; the records must have let the folder go. */
  async tidy(): Promise<void> {
    const { folder, kind } = this.#facts;
    if (kind === "single" && isWhole(this.#facts, this.#results))
      await removeCopied(folder.payload);
  }

  /** Path of one result. */
  path({ file, shapes }: WrittenResult): string {
    const { folder, kind } = this.#facts;
    return kind === "single" && shapes !== undefined
      ? folder.container
      : join(folder.payload, file);
  }

  /** Undoes `begin`; for a run that could not begin. */
  async discard(): Promise<void> {
    const { isNew } = this.records.plan();
    await this.records.discard();
    const { folder, kind } = this.#facts;
    if (isNew) await discardRunFolder(folder, { withContainer: kind === "files" });
  }
}

function allAttributes({ fn, inputs, attributes }: FileOutputOptions): Attributes {
  const own: Attributes = {
    function: fn.name || "anonymous",
    n_inputs: BigInt(Number.isFinite(inputs.count) ? inputs.count : 0),
    started: new Date().toISOString(),
    acme_version: version,
    node_version: process.versions.node,
  };
  const reserved = [
    "run_id",
    "user",
    "host",
    "command",
    "code_hash",
    "inputs_hash",
    "git_commit",
    "run_seed",
    "holds_all",
  ];
  const isTaken = (name: string) => Object.hasOwn(own, name) || reserved.includes(name);
  const taken = Object.keys(attributes).filter(isTaken);
  if (taken.length === 0) return { ...own, ...attributes };
  throw new ArgumentError(`attributes: ${taken.join(", ")} is written by acme, use another name`);
}
