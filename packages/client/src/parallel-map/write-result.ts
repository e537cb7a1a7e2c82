// Runs one call and stores what it returns as a file of its own, where the call runs. Sent by
// reference: workers import this module, and return only what was written.
import { hostname } from "node:os";
import { join } from "node:path";
import { dataset, file, type Member, type NDArray, publishFile } from "@acme/hdf5";
import { assembleArguments, type CallLayout } from "./call-layout.js";
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
}

/** What is on disk of one call. */
export interface WrittenResult {
  /** Name of the file in the payload folder. */
  readonly file: string;
  readonly bytes: number;
  readonly crc32: number;
  /** Shape of each dataset; undefined when the value is no HDF5 but a `.msgpack` file. */
  readonly shapes?: readonly (readonly number[])[];
}

/**
 * Makes one call and publishes its result. A file that is there already comes from an earlier try
 * of the same call, whose worker was lost, and stays.
 *
 * @param values - the call's own values, then those that all calls share
 * @throws what the function throws, ResultShapeError, ResultValueError, Hdf5Error
 */
export async function writeResult(
  job: WriteJob,
  index: number,
  ...values: unknown[]
): Promise<WrittenResult> {
  const fn = job.fn as (...args: unknown[]) => unknown;
  const value = await fn(...assembleArguments(job.calls, values));
  return storeResult(job, index, value);
}

/** Publishes one value as the result of call `index`. */
async function storeResult(
  job: Omit<WriteJob, "fn" | "calls">,
  index: number,
  value: unknown,
): Promise<WrittenResult> {
  const arrays = resultArrays(value, { index, layout: job.layout, dtype: job.dtype });
  if (arrays === undefined) {
    const name = payloadFile(job.name, index, "msgpack");
    return { file: name, ...(await writeSerialized(join(job.payload, name), index, value)) };
  }
  const name = payloadFile(job.name, index);
  // An executor waits for its one task anyhow; whoever asked for the run syncs the folder, once.
  const how = { blocking: true, syncsFolder: false };
  const { bytes, crc32 } = await publishFile(join(job.payload, name), tree(index, arrays), how);
  return { file: name, bytes, crc32, shapes: arrays.map(({ shape }) => shape) };
}

function tree(index: number, arrays: readonly NDArray[]) {
  const members = arrays.map((array, k): [string, Member] => [`result_${k}`, dataset(array)]);
  return file({
    members: new Map(members),
    attributes: { task_id: BigInt(index), host: hostname() },
  });
}
