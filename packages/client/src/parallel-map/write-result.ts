// Runs one call and stores what it returns as a file of its own, where the call runs. Sent by
// reference: workers import this module, and return only what was written.
import { hostname } from "node:os";
import { join } from "node:path";
import { dataset, file, type Member, type NDArray, publishFile } from "@acme/hdf5";
import type { CallLayout } from "./call-layout.js";
import { told } from "./calls/calls-failed.js";
import { type CallsReport, type ResultStore, runEach, type SentCalls } from "./calls/run-each.js";
import type { FileOutputKind } from "./compute-options.js";
import type { ResultOrigin } from "./records/run-records.js";
import { describeResult, resultOnDisk } from "./result-file.js";
import type { ResultLayout } from "./result-layout.js";
import { resultArrays } from "./result-values.js";
import { payloadFile } from "./run-folder.js";
import { writeSerialized } from "./write-serialized.js";

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
  const store: ResultStore = {
    // Another worker was lost after it had published the result, and before it could say so.
    find: (index) => resultOnDisk(job.payload, job.name, index),
    put: (index, value) => storeResult(job, index, value),
  };
  return told(runEach(job, sent, shared, store));
}

/**
 * Publishes one value as the result of call `index`.
 *
 * @throws ResultShapeError, ResultValueError, Hdf5Error
 */
export async function storeResult(
  job: Omit<WriteJob, "fn" | "calls">,
  index: number,
  value: unknown,
): Promise<WrittenResult> {
  const { layout, dtype } = job;
  const isArray = job.kind !== "serialized";
  const arrays = isArray ? resultArrays(value, { index, layout, dtype }) : undefined;
  if (arrays === undefined) {
    const name = payloadFile(job.name, index, "msgpack");
    const how = { syncsFile: job.origin.fsync, syncsFolder: false };
    return { file: name, ...(await writeSerialized(join(job.payload, name), index, value, how)) };
  }
  const name = payloadFile(job.name, index);
  // An executor waits for its one task anyhow; whoever asked for the run syncs the folder, once.
  const how = { blocking: true, syncsFile: job.origin.fsync, syncsFolder: false };
  const root = tree(job.origin, index, arrays);
  const { bytes, crc32, published } = await publishFile(join(job.payload, name), root, how);
  if (published) return { file: name, bytes, crc32, shapes: arrays.map(({ shape }) => shape) };
  return (await describeResult(job.payload, name)) as WrittenResult;
}

function tree({ runId, codeHash }: ResultOrigin, index: number, arrays: readonly NDArray[]) {
  const members = arrays.map((array, k): [string, Member] => [`result_${k}`, dataset(array)]);
  return file({
    members: new Map(members),
    attributes: { task_id: BigInt(index), host: hostname(), run_id: runId, code_hash: codeHash },
  });
}
