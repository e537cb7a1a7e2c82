// Tells of what the scheduler did under the topics that dask uses: "all", and the worker or client
// it is about. Only says it; nobody here depends on who listens. Only Python's workers have a topic
// of their own, so that a large cluster of ours does not push others' topics out.
import { logEvent } from "../topics.js";
import type { Turn } from "../turn.js";
import type { WorkerState } from "../worker-state.js";

export function announce(
  turn: Turn,
  topics: readonly string[],
  action: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  logEvent(turn, topics, new Map([["action", action], ...Object.entries(fields)]));
}

export function announceWorker(
  turn: Turn,
  worker: WorkerState,
  action: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  if (worker.acme === 0) announce(turn, [worker.address], action, fields);
  announce(turn, ["all"], action, { ...fields, worker: worker.address });
}
