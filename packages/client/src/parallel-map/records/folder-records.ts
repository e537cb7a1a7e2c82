// The records of a run that keeps its results in files, while this process drives it: the journal,
// what failed, who did it, and a watch over the folder. How calls are run is not known here.
import { readdir, readFile, rm, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { type Attributes, isTemporaryName, publishBytes } from "@acme/hdf5";
import { encodeValue } from "@acme/serialize";
import type { WrittenResult } from "../write-result.js";
import { checkWorkersSee } from "./check-workers.js";
import { ErrorFiles } from "./error-files.js";
import { FolderWatch } from "./folder-watch.js";
import { writeFrames } from "./frames-file.js";
import { ManifestWriter } from "./manifest.js";
import { type OpenRun, type OpenRunOptions, openRun } from "./open-run.js";
import {
  CallSummary,
  provenanceAttributes,
  provenanceText,
  type SessionStart,
  sessionStart,
} from "./provenance.js";
import type { RecordPaths } from "./record-paths.js";
import type {
  CallFacts,
  CallFailure,
  ResultOrigin,
  RunOutcome,
  RunPlan,
  RunRecords,
  SessionFacts,
} from "./run-records.js";

export interface FolderRecordsOptions extends OpenRunOptions {
  /** Further attributes of the container, kept for whoever writes it anew. */
  readonly attributes?: Attributes | undefined;
  /** What the user asked for, as far as JSON can say it. */
  readonly options?: unknown;
}

/**
 * Opens the records of a run in its folder; a run that is there already is gone on with.
 *
 * @throws OutputExistsError, RunInUseError, InputsChangedError, CodeChangedError, FunctionShipError
 */
export async function openFolderRecords(options: FolderRecordsOptions): Promise<RunRecords> {
  const [opened, start] = await Promise.all([openRun(options), sessionStart()]);
  const { paths, run, done, adopted } = opened;
  const manifest = await ManifestWriter.open(paths.manifest, () => undefined);
  for (const i of adopted) {
    const { codeHash = "", ...result } = done.get(i) as WrittenResult;
    const entry = { state: "done", t: Date.now(), i, ...result, code: codeHash } as const;
    manifest.add({ ...entry, adopted: true });
  }
  const errors = await ErrorFiles.open(paths.errors, run.name);
  const attributes = { ...provenanceAttributes(run, start), ...options.attributes };
  await writeFrames(paths.attributes, (await encodeValue(attributes)).frames, { replace: true });
  return new FolderRecords({ opened, start, manifest, errors, options, attributes });
}

interface Parts {
  readonly opened: OpenRun;
  readonly start: SessionStart;
  readonly manifest: ManifestWriter;
  readonly errors: ErrorFiles;
  readonly options: FolderRecordsOptions;
  readonly attributes: Attributes;
}

class FolderRecords implements RunRecords {
  readonly origin: ResultOrigin;
  readonly lost: AbortSignal;
  readonly attributes: Attributes;
  readonly #parts: Parts;
  readonly #watch: FolderWatch;
  readonly #summary = new CallSummary();
  readonly #found: number;
  #where: SessionFacts | undefined;

  constructor(parts: Parts) {
    const { opened, options, attributes } = parts;
    const { run } = opened;
    this.#parts = parts;
    this.#found = opened.done.size;
    this.#watch = new FolderWatch(opened.owner, options.folder.payload);
    this.lost = this.#watch.lost;
    this.attributes = attributes;
    const fsync = options.fsync ?? run.fsync;
    const { seed = 0 } = run;
    this.origin = { runId: run.runId, codeHash: run.code.at(-1)?.sha256 ?? "", fsync, seed };
  }

  plan(): RunPlan {
    const { done, session, isNew, isMerged } = this.#parts.opened;
    return { done, session, isNew, isMerged };
  }

  async began(facts: SessionFacts): Promise<void> {
    const { opened, manifest, options } = this.#parts;
    const { paths, run, session } = opened;
    this.#where = facts;
    manifest.add({ state: "began", t: Date.now(), session, code: this.origin.codeHash });
    await Promise.all([manifest.sync(), this.#writeProvenance()]);
    if (facts.client === undefined) return;
    const { payload } = options.folder;
    await checkWorkersSee(facts.client, { run: paths.run, runId: run.runId, payload });
  }

  done(i: number, written: WrittenResult, facts: CallFacts = {}): void {
    const { codeHash = this.origin.codeHash, ...result } = written;
    const entry = { state: "done", i, ...result, ...common(facts), code: codeHash } as const;
    this.#parts.manifest.add({ ...entry, ms: facts.durationMs });
    this.#parts.errors.forget(i);
    this.#summary.add("done", facts);
  }

  failed(i: number, failure: CallFailure): void {
    const { name, message } = failure.error;
    const entry = { state: "failed", i, error: `${name}: ${message}` } as const;
    this.#parts.manifest.add({ ...entry, ...common(failure), code: this.origin.codeHash });
    this.#parts.errors.keep(i, failure);
    this.#summary.add("failed", failure);
    // That may be the reason, and then the other calls need not be tried.
    this.#watch.look();
  }

  async finish(outcome: RunOutcome): Promise<void> {
    const { opened, manifest, errors, options } = this.#parts;
    await this.#watch.end();
    try {
      if (this.lost.aborted) return;
      await removeTemporaries(options.folder.payload);
      manifest.add({ state: "ended", t: Date.now(), outcome });
      await Promise.all([manifest.sync(), errors.settled()]);
      await this.#writeProvenance(outcome);
    } finally {
      await manifest.close();
      // Whatever went wrong, such as a full disk: whoever goes on with the run is not to wait.
      if (!this.lost.aborted) await opened.owner.release();
    }
  }

  async discard(): Promise<void> {
    await this.#watch.end();
    await this.#parts.manifest.close();
    const { opened } = this.#parts;
    if (opened.isNew) await removeRecords(opened.paths);
    else await opened.owner.release();
  }

  async #writeProvenance(outcome?: RunOutcome): Promise<void> {
    const { opened, start, options } = this.#parts;
    const { paths, run, session } = opened;
    const ended = outcome === undefined ? {} : { ended: new Date().toISOString(), outcome };
    const record = {
      session,
      start,
      where: this.#where,
      options: options.options,
      codeHash: this.origin.codeHash,
      found: this.#found,
      calls: this.#summary.facts(),
      ...ended,
    };
    const earlier = await readFile(paths.provenance, "utf8").catch(() => undefined);
    const text = provenanceText(run, record, earlier);
    await publishBytes(paths.provenance, [Buffer.from(text)], { replace: true });
  }
}

function common({ attempt, worker, host, jobId }: CallFacts) {
  return { t: Date.now(), attempt, worker, host, job: jobId };
}

/** Guests of the folder keep theirs: theirs are folders in this one. */
async function removeRecords(paths: RecordPaths): Promise<void> {
  for (const entry of await readdir(paths.folder, { withFileTypes: true })) {
    if (entry.isFile()) await unlink(join(paths.folder, entry.name));
  }
  await rm(paths.provenance, { force: true });
  await rm(paths.errors, { recursive: true, force: true });
  await rmdir(paths.folder).catch(() => undefined);
}

/** What workers that died left behind; those of this run have ended. */
async function removeTemporaries(payload: string): Promise<void> {
  for (const name of await readdir(payload).catch(() => [])) {
    if (isTemporaryName(name)) await unlink(join(payload, name)).catch(() => undefined);
  }
}
