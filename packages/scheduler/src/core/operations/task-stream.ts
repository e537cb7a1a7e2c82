// What ran where and when, one record per run that ended, in a bounded ring; kept from the first
// time that somebody asks for it. Decides nothing. Corresponds to dask's TaskStreamPlugin.
import type { WorkerToScheduler } from "@acme/protocol";
import { coreLimits } from "../limits.js";

type Ended = Extract<WorkerToScheduler, { op: "task-finished" | "task-erred" }>;

export interface RunRecord {
  /** As the worker told it, without what says only how it was told. */
  fields: Record<string, unknown>;
  stopS: number;
}

export class TaskStream {
  records: RunRecord[] = [];
  /** Records ever made. */
  index = 0;
}

export function recordRun(stream: TaskStream, worker: string, message: Ended): void {
  const { op, run_id: _, ...told } = message;
  const fields: Record<string, unknown> = {
    ...told,
    status: op === "task-finished" ? "OK" : "error",
    worker,
  };
  if (op === "task-erred") fields.cause = message.key;
  // Our own inline values are no news of a run.
  delete fields.result;
  stream.records.push({ fields, stopS: lastStop(message.startstops) });
  stream.index += 1;
  const { taskStreamLength } = coreLimits;
  if (stream.records.length >= taskStreamLength + coreLimits.taskStreamSlack) {
    stream.records.splice(0, stream.records.length - taskStreamLength);
  }
}

function lastStop(startstops: readonly ReadonlyMap<string, unknown>[]): number {
  let last = 0;
  for (const one of startstops) {
    const stop = Number(one.get("stop"));
    if (stop > last) last = stop;
  }
  return last;
}

export interface StreamQuery {
  /** Seconds since the epoch. */
  startS?: number | undefined;
  stopS?: number | undefined;
  count?: number | undefined;
  /** Only runs after so many. */
  startIndex?: number | undefined;
}

/** The records that a query means, oldest first. */
export function runsIn(stream: TaskStream | null, query: StreamQuery): Record<string, unknown>[] {
  if (stream === null) return [];
  const { records } = stream;
  if (query.startIndex !== undefined) {
    const first = query.startIndex - (stream.index - records.length);
    return records.slice(Math.max(0, first)).map(({ fields }) => fields);
  }
  let start = query.startS === undefined ? null : firstStopping(records, query.startS);
  let stop = query.stopS === undefined ? null : firstStopping(records, query.stopS);
  if (query.count !== undefined) {
    if (start === null) start = (stop ?? records.length) - query.count;
    else stop ??= start + query.count;
  }
  return records.slice(Math.max(0, start ?? 0), stop ?? undefined).map(({ fields }) => fields);
}

/** Where the first run that stopped at this time or later is; they ended about in this order. */
function firstStopping(records: readonly RunRecord[], seconds: number): number {
  let left = 0;
  let right = records.length;
  while (left < right) {
    const middle = (left + right) >> 1;
    if ((records[middle] as RunRecord).stopS < seconds) left = middle + 1;
    else right = middle;
  }
  return left;
}
