// Runs one call and stores what it returns as a file of its own, where the call runs. Sent by
// reference: workers import this module, and return only what was written.
import type { CallLayout } from "./call-layout.js";
import { told } from "./calls/calls-failed.js";
import { type CallsReport, runEach, type SentCalls } from "./calls/run-each.js";
import type { FileOutputKind } from "./compute-options.js";
import type { ResultOrigin } from "./records/run-records.js";
import { ResultFiles } from "./result-files.js";
import type { ResultLayout } from "./result-layout.js";

/** What all calls of a run have in common where they run. */
export interface WriteJob {
  readonly fn: (...args: never[]) => unknown;
  readonly calls: CallLayout;
  /** The function's name in file names, and the folder of the files. */
  readonly name: string;
  readonly payload: string;
  readonly layout: ResultLayout | null;
  readonly dtype: string | null;
  readonly kind?: FileOutputKind | undefined;
  /** Milliseconds that one call may take; undefined: any. */
  readonly timeLimitMs?: number | undefined;
  readonly origin: ResultOrigin;
}

/** What is on disk of one call. */
export interface WrittenResult {
  /** Name of the file in the payload folder. */
  readonly file: string;
  readonly bytes: number;
  readonly crc32: number;
  /** Shape of each dataset; undefined when the value is no HDF5 but a `.msgpack` file. */
  readonly shapes?: readonly (readonly number[])[];
  /** The code that made it, where that is not the code of this session. */
  readonly codeHash?: string;
}

/**
 * Makes the calls of one task and publishes each result. A file that is there already comes from an
 * earlier try of the same call, whose worker was lost, and stays.
 *
 * @param shared - values that all calls share
 */
export function writeResults(
  job: WriteJob,
  sent: SentCalls,
  ...shared: unknown[]
): Promise<CallsReport> {
  return told(runEach(job, sent, shared, new ResultFiles(job)), { withValues: false });
}

/**
 * Publishes one value as the result of call `index`; its name is flushed with the others at the end.
 *
 * @throws ResultShapeError, ResultValueError, Hdf5Error
 */
export async function storeResult(
  job: Omit<WriteJob, "fn" | "calls">,
  index: number,
  value: unknown,
): Promise<WrittenResult> {
  const files = new ResultFiles(job, { syncFolder: true });
  await files.put(index, value);
  const [outcome] = await files.flush();
  if (outcome?.status !== "fulfilled") throw outcome?.reason;
  return outcome.value;
}
