// Puts values on workers without a task, and gives futures for them: straight to the workers where
// they can be reached, else through the scheduler, which then decides who gets what.
import { randomUUID } from "node:crypto";
import { Serialized, type TaskKey, taskKey, type WireKey } from "@acme/protocol";
import { writePython } from "@acme/python";
import { encodeValues } from "@acme/serialize";
import { Future } from "./future.js";
import { packedBytes } from "./graph/call-batch.js";
import { contentKeys } from "./graph/content-key.js";
import { ReferenceNames, refuseRemote } from "./graph/references.js";
import { clientLimits } from "./limits.js";
import { scatterDirect } from "./shell/scatter-direct.js";
import type { CallOptions, Session } from "./shell/session.js";
import { Submission } from "./shell/submission.js";

export interface ScatterOptions extends CallOptions {
  /** Addresses or names of the workers to use; default: all, in turn. */
  readonly workers?: readonly string[] | undefined;
  /** true: a copy on every worker; a number: on that many. Default false. */
  readonly broadcast?: boolean | number | undefined;
  /** true: the same value has the same key, so that it is kept once. Default false. */
  readonly hash?: boolean | undefined;
}

/** One future per value, in order. */
export async function scatterValues(
  session: Session,
  values: readonly unknown[],
  options: ScatterOptions,
): Promise<Future[]> {
  session.assertOpen();
  if (session.isDask) return scatterToDask(session, values, options);
  const encoded = await encodeValues(values, new ReferenceNames(refuseRemote));
  const keys = options.hash
    ? contentKeys({ id: "", name: "data", frames: [], refs: [] }, encoded)
    : encoded.map(() => taskKey(`data-${randomUUID()}`));
  const futures: Future[] = [];
  let data = new Map<TaskKey, Serialized>();
  let bytes = 0;
  for (let i = 0; i < encoded.length; i++) {
    data.set(keys[i] as TaskKey, Serialized.acme(encoded[i]!.frames));
    bytes += packedBytes(encoded[i]!);
    if (bytes < clientLimits.scatterBytes && i < encoded.length - 1) continue;
    futures.push(...(await send(session, data, keys.slice(futures.length, i + 1), options)));
    data = new Map();
    bytes = 0;
  }
  return futures;
}

/** As every worker reads it there. */
async function scatterToDask(
  session: Session,
  values: readonly unknown[],
  options: ScatterOptions,
): Promise<Future[]> {
  const keys = values.map(() => taskKey(`data-${randomUUID()}`));
  const data = new Map(values.map((value, index) => [keys[index] as TaskKey, writePython(value)]));
  await throughScheduler(session, data, { ...options, workers: options.workers ?? null });
  const submission = Submission.ofRecords(session.desire(keys));
  return keys.map((_, index) => new Future(session, submission, index));
}

async function send(
  session: Session,
  data: Map<TaskKey, Serialized>,
  keys: readonly TaskKey[],
  options: ScatterOptions,
): Promise<Future[]> {
  const { workers: peers } = session;
  const left = peers === undefined ? data : await scatterDirect(session, data, peers, options);
  if (left.size > 0) await throughScheduler(session, left, options);
  const submission = Submission.ofRecords(session.desire(keys));
  return keys.map((_, index) => new Future(session, submission, index));
}

async function throughScheduler(
  session: Session,
  data: Map<TaskKey, Serialized>,
  {
    workers,
    broadcast,
    timeoutMs,
    signal,
  }: Omit<ScatterOptions, "workers"> & {
    /** null: dask's word for all. */
    readonly workers?: readonly string[] | null | undefined;
  },
): Promise<void> {
  await session.call(
    {
      op: "scatter",
      data: data as Map<WireKey, Serialized>,
      workers,
      broadcast,
      client: session.id,
      timeout: timeoutMs === undefined ? undefined : timeoutMs / 1000,
    },
    { timeoutMs, signal },
  );
}
