// The records of a run that keeps its results in files: the journal of what its calls came to, and
// what earlier sessions have left. How calls are run is not known here.
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { packFunction } from "@acme/serialize";
import type { RunFolder } from "../run-folder.js";
import type { WrittenResult } from "../write-result.js";
import { ManifestWriter } from "./manifest.js";
import { recordPaths } from "./record-paths.js";
import type {
  CallFacts,
  CallFailure,
  ResultOrigin,
  RunOutcome,
  RunPlan,
  RunRecords,
  SessionFacts,
} from "./run-records.js";

export interface FolderRecordsOptions {
  readonly fn: (...args: never[]) => unknown;
  readonly folder: RunFolder;
}

/**
 * Opens the records of a run in its folder.
 *
 * @throws FunctionShipError if the function cannot travel
 */
export async function openFolderRecords(options: FolderRecordsOptions): Promise<RunRecords> {
  const { hash } = await packFunction(options.fn);
  const paths = recordPaths(options.folder.folder);
  await mkdir(paths.folder, { recursive: true });
  const lost = new AbortController();
  const manifest = await ManifestWriter.open(paths.manifest, (error) => lost.abort(error));
  const origin = { runId: randomUUID(), codeHash: hash, fsync: true };
  return new FolderRecords(origin, manifest, lost.signal);
}

class FolderRecords implements RunRecords {
  readonly origin: ResultOrigin;
  readonly lost: AbortSignal;
  readonly #manifest: ManifestWriter;

  constructor(origin: ResultOrigin, manifest: ManifestWriter, lost: AbortSignal) {
    this.origin = origin;
    this.#manifest = manifest;
    this.lost = lost;
  }

  plan(): RunPlan {
    return { done: new Map(), session: 1 };
  }

  async began(_facts: SessionFacts): Promise<void> {
    const code = this.origin.codeHash;
    this.#manifest.add({ state: "began", t: Date.now(), session: 1, code });
  }

  done(i: number, written: WrittenResult, facts: CallFacts = {}): void {
    const { file, bytes, crc32, shapes } = written;
    const result = { i, file, bytes, crc32, shapes };
    this.#manifest.add({ state: "done", ...result, ...this.#common(facts), ms: facts.durationMs });
  }

  failed(i: number, failure: CallFailure): void {
    const { name, message } = failure.error;
    const error = `${name}: ${message}`;
    this.#manifest.add({ state: "failed", i, error, ...this.#common(failure) });
  }

  async finish(outcome: RunOutcome): Promise<void> {
    this.#manifest.add({ state: "ended", t: Date.now(), outcome });
    await this.#manifest.sync();
    await this.#manifest.close();
  }

  #common({ attempt, worker, host, jobId }: CallFacts) {
    return { t: Date.now(), code: this.origin.codeHash, attempt, worker, host, job: jobId };
  }
}
