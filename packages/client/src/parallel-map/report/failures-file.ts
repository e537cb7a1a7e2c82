// `failures.json` beside the results: what failed, for programs and for whoever comes later. Holds
// text only, so that failures cost little while a map runs.
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MapFailure } from "../map-errors.js";
import { mapLimits } from "../map-limits.js";
import { argumentsText, stackText } from "./failure-report.js";

/** One failed call as it stands in the file. */
export interface FailureRecord {
  readonly index: number;
  readonly arguments: string;
  readonly error: {
    readonly name: string;
    readonly message: string;
    readonly code: string | null;
    readonly stack: string;
  };
  readonly attempts: number;
  readonly worker: string;
  readonly host: string;
  readonly jobId: string;
  readonly logTail: string;
}

export class FailuresFile {
  readonly path: string;
  readonly #name: string;
  readonly #records: FailureRecord[] = [];
  #failed = 0;

  constructor(folder: string, name: string) {
    this.path = join(folder, "failures.json");
    this.#name = name;
  }

  add(failure: MapFailure): void {
    this.#failed += 1;
    if (this.#records.length < mapLimits.failuresWritten) this.#records.push(recordOf(failure));
  }

  /** Writes the file; with nothing to tell, removes that of an earlier run. */
  async finish(count: number): Promise<void> {
    if (this.#failed === 0) return rm(this.path, { force: true });
    const failures = this.#records.sort((a, b) => a.index - b.index);
    const content = {
      schema: 1,
      function: this.#name,
      calls: count,
      failed: this.#failed,
      failures,
    };
    await writeFile(this.path, `${JSON.stringify(content, null, 2)}\n`);
  }
}

function recordOf({ index, args, error, ...facts }: MapFailure): FailureRecord {
  const { attempts, worker, host, jobId, logTail } = facts;
  const { code } = error as { code?: unknown };
  return {
    index,
    arguments: argumentsText(args),
    error: {
      name: error.name,
      message: error.message,
      code: typeof code === "string" ? code : null,
      stack: stackText(error),
    },
    attempts,
    worker,
    host,
    jobId,
    logTail,
  };
}
