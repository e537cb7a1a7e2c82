// The files of one run, as the process sees it that wants them: the place, the container before
// and after, and the paths to hand out. What each call writes is in write-result.ts.
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Attributes, syncFolder, VIRTUAL_SOURCES_SAFE_MAX } from "@acme/hdf5";
import { ArgumentError } from "../errors.js";
import type { StorageRules } from "./compute-options.js";
import { beginContainer, type ContainerFacts, endContainer } from "./container.js";
import { type MapFailure, OutputExistsError } from "./map-errors.js";
import { FailuresFile } from "./report/failures-file.js";
import { discardRunFolder, fileNameOf, makeRunFolder, type RunFolder } from "./run-folder.js";
import type { WriteJob, WrittenResult } from "./write-result.js";

const require = createRequire(import.meta.url);
const { version } = require("@acme/client/package.json") as { version: string };

export interface FileOutputOptions extends StorageRules {
  readonly fn: { readonly name: string };
  /** Infinity: it is told at the end. */
  readonly count: number;
  readonly outputDir: string | undefined;
  readonly attributes: Attributes;
}

export class FileOutput {
  #facts: ContainerFacts;
  readonly #rules: StorageRules;
  readonly #results: (WrittenResult | undefined)[] = [];
  readonly #failures: FailuresFile;

  private constructor(facts: ContainerFacts, rules: StorageRules) {
    this.#facts = facts;
    this.#rules = rules;
    this.#failures = new FailuresFile(facts.folder.folder, facts.name);
  }

  /**
   * Makes the folders and the container.
   *
   * @throws OutputExistsError if results are there already; ArgumentError, Hdf5Error for
   *   attributes that cannot be stored
   */
  static async begin(options: FileOutputOptions): Promise<FileOutput> {
    const { fn, layout, dtype, outputDir } = options;
    const name = fileNameOf(fn);
    const attributes = allAttributes(options);
    const count = Number.isFinite(options.count) ? options.count : 0;
    const folder = await makeRunFolder(name, outputDir);
    const facts = { name, count, folder, layout, attributes };
    try {
      await beginContainer(facts);
    } catch (error) {
      const isOthers = error instanceof OutputExistsError;
      await discardRunFolder(folder, { withContainer: !isOthers });
      throw error;
    }
    return new FileOutput(facts, { layout, dtype });
  }

  get folder(): RunFolder {
    return this.#facts.folder;
  }

  get container(): string {
    return this.#facts.folder.container;
  }

  /** What workers must know to store results. */
  get job(): Omit<WriteJob, "fn" | "calls"> {
    const { name, folder } = this.#facts;
    return { name, payload: folder.payload, ...this.#rules };
  }

  /** Of each call that is recorded, by its number. */
  get results(): readonly (WrittenResult | undefined)[] {
    return this.#results;
  }

  /** Calls whose values are no HDF5 but `.msgpack`. */
  get fallbacks(): readonly string[] {
    return this.#results.flatMap((result) => {
      return result !== undefined && result.shapes === undefined ? [result.file] : [];
    });
  }

  /** The array over all results has more sources than a reader may open at a time. */
  get needsManyFiles(): boolean {
    return this.#rules.layout !== null && this.#facts.count > VIRTUAL_SOURCES_SAFE_MAX;
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
    await syncFolder(this.#facts.folder.payload);
    await endContainer(this.#facts, this.#results);
    await this.#failures.finish(calls);
  }

  /** Path of one result. */
  path({ file }: WrittenResult): string {
    return join(this.#facts.folder.payload, file);
  }

  /** Removes everything; for a run that could not begin. */
  async discard(): Promise<void> {
    await discardRunFolder(this.#facts.folder, { withContainer: true });
  }
}

function allAttributes({ fn, count, attributes }: FileOutputOptions): Attributes {
  const own: Attributes = {
    function: fn.name || "anonymous",
    n_inputs: BigInt(Number.isFinite(count) ? count : 0),
    started: new Date().toISOString(),
    acme_version: version,
    node_version: process.versions.node,
  };
  const taken = Object.keys(attributes).filter((name) => Object.hasOwn(own, name));
  if (taken.length === 0) return { ...own, ...attributes };
  throw new ArgumentError(`attributes: ${taken.join(", ")} is written by acme, use another name`);
}
