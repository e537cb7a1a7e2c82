// Durable publication of several files together: all are written, then flushed at once, then named.
// A file that fails harms no other. Which files belong together is for others to say.
import { dirname } from "node:path";
import { claimName, closeAnyhow, describe, syncFolder, unlinkIfThere } from "./claim-name.js";
import { encodeParts } from "./encode-file.js";
import { bytesOf, type Part } from "./file-body.js";
import { blockingCalls, type FlushedFile } from "./file-calls.js";
import type { PublishedFile } from "./publish-file.js";
import { openTemporary, type TemporaryFile } from "./temporary-file.js";
import type { GroupNode } from "./tree.js";
import { writeError } from "./write-error.js";
import { type Written, writeParts } from "./write-parts.js";

export interface PublishBatchOptions {
  /** Distinguishes the temporary files of attempts at one result. Default 0. */
  readonly attempt?: number | string;
  /**
   * Default true: what {@link PublishBatch.publish} tells of survives a loss of power, with its
   * name. False: only the death of processes.
   */
  readonly syncs?: boolean;
  /** Default: as `syncs`. False: names are not flushed, for {@link syncFolder} after the last batch. */
  readonly syncsFolders?: boolean;
}

/** Written under a temporary name. */
interface Waiting {
  readonly path: string;
  readonly temporary: TemporaryFile<FlushedFile>;
  readonly written: Written;
}

/**
 * Files that get their names together. Small files cost a fraction of what {@link publishFile}
 * takes for each, since a file system that is told to flush many at once does it in one go. A name
 * never shows anything partial, as there; until `publish` there is none.
 *
 * @example
 * const batch = new PublishBatch();
 * for (const i of [0, 1, 2]) {
 *   await batch.add(`out/f_${i}.h5`, file({ members: { result_0: dataset([i]) } }));
 * }
 * for (const outcome of await batch.publish()) {
 *   if (outcome.status === "rejected") console.log(outcome.reason);
 * }
 */
export class PublishBatch {
  readonly #attempt: number | string;
  readonly #syncs: boolean;
  readonly #syncsFolders: boolean;
  #waiting: Waiting[] = [];
  #bytes = 0;
  readonly #folders = new Set<string>();

  constructor(options: PublishBatchOptions = {}) {
    const { attempt = 0, syncs = true, syncsFolders = syncs } = options;
    this.#attempt = attempt;
    this.#syncs = syncs;
    this.#syncsFolders = syncsFolders;
  }

  /** Files that wait for their names. */
  get size(): number {
    return this.#waiting.length;
  }

  /** What they hold together. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Writes one more HDF5 file, under a temporary name.
   *
   * @param path - the name it is to get; its folder must exist
   * @throws Hdf5Error as {@link publishFile} does: then it is not part of the batch
   */
  add(path: string, root: GroupNode): Promise<void> {
    return this.addBytes(path, encodeParts(root));
  }

  /** The same for bytes of any kind. @throws Hdf5Error */
  async addBytes(path: string, parts: readonly Part[]): Promise<void> {
    try {
      const temporary = await openTemporary(path, this.#attempt, blockingCalls);
      try {
        const written = await writeParts(temporary.handle, parts);
        this.#waiting.push({ path, temporary, written });
        this.#bytes += written.bytes;
      } catch (error) {
        await closeAnyhow(temporary.handle);
        await unlinkIfThere(temporary.path, blockingCalls);
        throw error;
      }
    } catch (error) {
      throw writeError(path, bytesOf(parts), error);
    }
  }

  /**
   * Has `publish` flush the name of a file that somebody else published, who may not have got so
   * far before dying.
   */
  keepName(path: string): void {
    this.#folders.add(dirname(path));
  }

  /**
   * Gives all files their names.
   *
   * @returns what is at each path now, in the order of `add`; or why it could not be published
   */
  async publish(): Promise<PromiseSettledResult<PublishedFile>[]> {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    const flushed = await this.#flush(waiting);
    const outcomes: PromiseSettledResult<PublishedFile>[] = [];
    for (const [at, one] of waiting.entries()) {
      const [outcome] = await Promise.allSettled([this.#name(one, flushed[at])]);
      outcomes.push(outcome);
    }
    const unsure = await this.#syncFolders();
    return outcomes.map((outcome, at) => {
      if (outcome.status === "rejected" || unsure === undefined) return outcome;
      const { path, written } = waiting[at] as Waiting;
      return { status: "rejected", reason: writeError(path, written.bytes, unsure.error) };
    });
  }

  /** In this thread for one alone: handing it over would take longer. */
  async #flush(waiting: readonly Waiting[]): Promise<PromiseSettledResult<void>[]> {
    const [first] = waiting;
    if (!this.#syncs || first === undefined) return [];
    if (waiting.length > 1) {
      return Promise.allSettled(waiting.map(({ temporary }) => temporary.handle.syncBeside()));
    }
    return Promise.allSettled([(async () => first.temporary.handle.sync())()]);
  }

  async #name(
    { path, temporary, written }: Waiting,
    flushed: PromiseSettledResult<void> | undefined,
  ): Promise<PublishedFile> {
    try {
      if (flushed?.status === "rejected") {
        await closeAnyhow(temporary.handle);
        throw flushed.reason;
      }
      // Network file systems report a full quota at close: this one must not be swallowed.
      await temporary.handle.close();
      const claim = { temporary: temporary.path, path, replace: false };
      const published = await claimName(claim, blockingCalls);
      this.keepName(path);
      return { path, published, ...(published ? written : await describe(path)) };
    } catch (error) {
      throw writeError(path, written.bytes, error);
    } finally {
      await unlinkIfThere(temporary.path, blockingCalls);
    }
  }

  async #syncFolders(): Promise<{ readonly error: unknown } | undefined> {
    const folders = [...this.#folders];
    this.#folders.clear();
    if (!this.#syncsFolders) return undefined;
    try {
      for (const folder of folders) await syncFolder(folder, blockingCalls);
      return undefined;
    } catch (error) {
      return { error };
    }
  }
}
