// Files of results on their way to the disk: those of calls that end soon after each other become
// durable together. Which calls there are, and who is told of their results, is not known here.
import { hostname } from "node:os";
import { join } from "node:path";
import { dataset, file, type Member, type NDArray, PublishBatch } from "@acme/hdf5";
import type { BatchedStore } from "./calls/held-results.js";
import { mapLimits } from "./map-limits.js";
import type { ResultOrigin } from "./records/run-records.js";
import { describeResult, resultOnDisk } from "./result-file.js";
import { resultArrays } from "./result-values.js";
import { payloadFile } from "./run-folder.js";
import { serialized } from "./serialized.js";
import type { WriteJob, WrittenResult } from "./write-result.js";

/** A file that waits for its name. */
interface Unnamed {
  readonly name: string;
  readonly shapes: WrittenResult["shapes"];
}

export class ResultFiles implements BatchedStore {
  readonly #job: Omit<WriteJob, "fn" | "calls">;
  readonly #batch: PublishBatch;
  #waiting: Unnamed[] = [];
  #sinceMs = 0;

  /** @param others - whether somebody else flushes the names in the folder, after the last result */
  constructor(job: Omit<WriteJob, "fn" | "calls">, others: { syncFolder?: boolean } = {}) {
    const { fsync } = job.origin;
    this.#job = job;
    this.#batch = new PublishBatch({ syncs: fsync, syncsFolders: fsync && !others.syncFolder });
  }

  /** What another worker has published, that was lost before it could say so. */
  async find(index: number): Promise<WrittenResult | undefined> {
    const { payload, name } = this.#job;
    const found = await resultOnDisk(payload, name, index);
    if (found !== undefined) this.#batch.keepName(join(payload, found.file));
    return found;
  }

  /** @throws ResultShapeError, ResultValueError, Hdf5Error */
  async put(index: number, value: unknown): Promise<undefined> {
    const { layout, dtype, kind, name, payload, origin } = this.#job;
    const isArray = kind !== "serialized";
    const arrays = isArray ? resultArrays(value, { index, layout, dtype }) : undefined;
    if (this.#waiting.length === 0) this.#sinceMs = performance.now();
    const file = payloadFile(name, index, arrays === undefined ? "msgpack" : "h5");
    const path = join(payload, file);
    if (arrays !== undefined) await this.#batch.add(path, tree(origin, index, arrays));
    else await this.#batch.addBytes(path, [await serialized(index, value)]);
    this.#waiting.push({ name: file, shapes: arrays?.map(({ shape }) => shape) });
  }

  get isDue(): boolean {
    const { filesTogether, bytesTogether, togetherMs } = mapLimits;
    const { size, bytes } = this.#batch;
    if (size === 0) return false;
    if (size >= filesTogether || bytes >= bytesTogether) return true;
    return performance.now() - this.#sinceMs >= togetherMs;
  }

  async flush(): Promise<PromiseSettledResult<WrittenResult>[]> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const outcomes = await this.#batch.publish();
    const written = outcomes.map(async (outcome, at): Promise<WrittenResult> => {
      if (outcome.status === "rejected") throw outcome.reason;
      const { name: file, shapes } = waiting[at] as Unnamed;
      const { bytes, crc32, published } = outcome.value;
      if (published) return { file, bytes, crc32, ...(shapes === undefined ? {} : { shapes }) };
      return (await describeResult(this.#job.payload, file)) as WrittenResult;
    });
    return Promise.allSettled(written);
  }
}

function tree({ runId, codeHash }: ResultOrigin, index: number, arrays: readonly NDArray[]) {
  const members = arrays.map((array, k): [string, Member] => [`result_${k}`, dataset(array)]);
  return file({
    members: new Map(members),
    attributes: { task_id: BigInt(index), host: hostname(), run_id: runId, code_hash: codeHash },
  });
}
