// Requests that wait for something to happen. Data only; every one has a deadline.
import type { ClientId, TaskKey, WorkerAddress } from "@acme/protocol";
import type { RequestId } from "./events.js";
import type { Task } from "./task.js";
import type { WorkerState } from "./worker-state.js";

export interface ParkedRetire {
  kind: "retire";
  requestId: RequestId;
  deadlineMs: number;
  /** Workers still busy leaving. */
  leaving: Set<WorkerState>;
  /** Unique results that were asked to be copied elsewhere: who was asked, and when. */
  closeWorkers: boolean;
  remove: boolean;
  /** Replies so far: identity of each retired worker. */
  retired: Map<string, unknown>;
}

export interface ParkedRestart {
  kind: "restart";
  requestId: RequestId;
  deadlineMs: number;
  /** Calls to nannies that are not answered. */
  calls: Set<number>;
  /** Workers wanted before the answer; 0: none. */
  workersWanted: number;
  /** restart_workers answers per worker, restart with nothing. */
  outcome: Map<string, string> | null;
  addressOfCall: Map<number, string>;
}

export interface ParkedScatter {
  kind: "scatter";
  requestId: RequestId;
  deadlineMs: number;
  client: ClientId;
  sizes: ReadonlyMap<TaskKey, number>;
  workers: readonly string[] | null;
  broadcast: boolean | number;
  /** Transfers in progress: which keys go to which worker. */
  transfers: Map<number, { worker: WorkerAddress; keys: TaskKey[] }>;
  /** Where each key has arrived. */
  arrived: Map<TaskKey, WorkerAddress[]>;
  failed: number;
}

export type Parked = ParkedRetire | ParkedRestart | ParkedScatter;

/** A key that must survive its worker: copied elsewhere before the worker may leave. */
export interface Rescue {
  task: Task;
  askedMs: number;
}
