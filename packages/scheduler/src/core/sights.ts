// Every worker in a few words, for who looks after thousands of them and asks again each second;
// `identity` would tell it all they ever said of themselves. Changes nothing.
import type { SchedulerState } from "./state.js";

/** Address, name, status, seconds of work in flight, bytes held. */
export type WorkerSightRow = [string, string, string, number, number];

export interface WorkerSights {
  /** Another one when a worker comes, goes or changes its status; loads do not count. */
  version: string;
  /** Null: as they were at the version that was asked about. */
  workers: WorkerSightRow[] | null;
}

export function workerSights(state: SchedulerState, since?: string): WorkerSights {
  const { id, incarnation } = state.settings;
  const version = `${id} ${incarnation} ${state.workersVersion}`;
  if (since === version) return { version, workers: null };
  const workers = Array.from(state.workers.values(), (worker): WorkerSightRow => {
    const { address, name, leaving, status, occupancyUs, heldBytes } = worker;
    const now = leaving ? "closing_gracefully" : status;
    return [address, String(name), now, occupancyUs / 1e6, heldBytes];
  });
  return { version, workers };
}
