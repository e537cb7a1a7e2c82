// Requests that wait for something to happen. Data only; every one has a deadline.
// Who parks a request also answers it: retire.ts, restart.ts, scatter.ts, operations/,
// extensions/shuffle/inputs-done.ts.
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
  /** Replies so far: identity of each retired worker. */
  retired: Map<string, unknown>;
}

export interface ParkedRestart {
  kind: "restart";
  requestId: RequestId;
  deadlineMs: number;
  /** Calls to nannies that are not answered, and the worker each is about. */
  calls: Map<number, string>;
  /** Workers that must be gone first. */
  leaving: Set<WorkerState>;
  /** Workers that must run before the answer. */
  workersWanted: number;
  /** What became of each worker: the answer of restart_workers; restart answers with nothing. */
  outcome: Map<string, "OK" | "removed" | "timed out">;
  answersOutcome: boolean;
  /** Nannies by the worker they are to replace. */
  nannies: Map<string, string>;
  /** What is not done in time is an error, not part of the outcome. */
  raises: boolean;
  timeoutMs: number;
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
  /** Workers that could not be reached. */
  failed: string[];
}

/** The barrier task of a shuffle, until every participant knows that there are no more inputs. */
export interface ParkedBarrier {
  kind: "shuffle-barrier";
  requestId: RequestId;
  /** When to call `again`; Infinity: nobody has to be called again. */
  deadlineMs: number;
  shuffle: string;
  runId: number;
  /** Calls to participants that are not answered. */
  calls: Map<number, WorkerAddress>;
  again: WorkerAddress[];
  failures: number;
}

/** Values that are copied between workers, and dropped where they are too many. */
export interface ParkedCopies {
  kind: "copies";
  requestId: RequestId;
  deadlineMs: number;
  /** Calls to workers that are not answered. */
  calls: Map<number, CopyCall>;
  job: ReplicateJob | RebalanceJob;
}

export interface CopyCall {
  type: "copy" | "drop";
  worker: WorkerAddress;
  keys: TaskKey[];
}

export interface ReplicateJob {
  type: "replicate";
  /** Values that are not copied often enough. */
  keys: Set<TaskKey>;
  workers: WorkerAddress[];
  copies: number;
  /** Copies that each copy makes in one round. */
  branching: number;
  roundsLeft: number;
  /** Those that a worker of another language did not take: only workers of their own get them. */
  untranslatable: Set<TaskKey>;
}

export interface RebalanceJob {
  type: "rebalance";
  moves: { key: TaskKey; from: WorkerAddress; to: WorkerAddress }[];
  /** Keys that did not arrive. */
  failed: Set<string>;
  /** The client named the keys, and is told which were not moved. */
  isNamed: boolean;
  /** The copies are made. */
  isDropping: boolean;
}

export type Parked = ParkedRetire | ParkedRestart | ParkedScatter | ParkedBarrier | ParkedCopies;

/** A worker that leaves: its unique results are copied elsewhere first. */
export interface Retirement {
  worker: WorkerState;
  /** Results that only it holds: who was asked to copy them, and when (0: nobody yet). */
  rescues: Map<Task, { askedMs: number; recipient: WorkerState | null }>;
  /** What it runs may end first. */
  drain: boolean;
  /** Told to close once it is safe. */
  close: boolean;
  /** Removed here once it is safe. */
  remove: boolean;
  /** It asked for it itself: no way back when nobody can take its results. */
  own: boolean;
}
