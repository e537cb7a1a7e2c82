// What heartbeats say of the shuffles that a worker has a part in, and a list of what is going on.
// For people alone: nothing is decided by it. Corresponds to heartbeat of dask's shuffle plugin.
import type { SchedulerState } from "../../state.js";
import type { WorkerState } from "../../worker-state.js";

/** Takes the `extensions` of a heartbeat. */
export function noteProgress(
  state: SchedulerState,
  worker: WorkerState,
  extensions: unknown,
): void {
  const { active } = state.shuffles;
  if (active.size === 0 || !(extensions instanceof Map)) return;
  const told: unknown = extensions.get("shuffle");
  if (!(told instanceof Map)) return;
  for (const [id, data] of told) {
    const shuffle = active.get(id);
    if (shuffle === undefined || !(data instanceof Map)) continue;
    const comm: unknown = data.get("comm");
    const read: unknown = comm instanceof Map ? comm.get("read") : null;
    if (typeof read === "number" && read >= 0) shuffle.received.set(worker.address, read);
  }
}

export interface ShuffleStatus {
  id: string;
  run: number;
  workers: number;
  receivedBytes: number;
}

/** The shuffles that are going on, so many at most. */
export function listShuffles({ shuffles }: SchedulerState, most: number): ShuffleStatus[] {
  const listed: ShuffleStatus[] = [];
  for (const { id, runId, participants, received } of shuffles.active.values()) {
    if (listed.length === most) break;
    let receivedBytes = 0;
    for (const bytes of received.values()) receivedBytes += bytes;
    listed.push({ id, run: runId, workers: participants.size, receivedBytes });
  }
  return listed;
}

/** Whether a worker has a part of a shuffle: it cannot go without starting that again. */
export function isShuffling({ shuffles }: SchedulerState, worker: WorkerState): boolean {
  for (const { participants } of shuffles.active.values()) {
    if (participants.has(worker.address)) return true;
  }
  return false;
}
