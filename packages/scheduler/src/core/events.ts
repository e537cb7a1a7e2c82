// What can happen to the scheduler, as one closed union. Every change of state arrives as one of
// these; the shell makes them, the core never asks. Nothing here knows sockets: a connection is a
// number (`Link`), and messages of a link that is no longer current are dropped by the core.
import type {
  ClientId,
  ClientToScheduler,
  ExtensionRequest,
  SchedulerRequest,
  TaskKey,
  WorkerAddress,
  WorkerToScheduler,
} from "@acme/protocol";
import type { PlannedShuffle } from "./extensions/shuffle/shuffles.js";
import type { ForeignGraph } from "./foreign-graph.js";

import type { OperationOp } from "./operations/handle.js";
import type { WatchWish } from "./operations/watches.js";

/** Number of one connection; workers and clients share the numbering, numbers are not reused. */
export type Link = number;
/** Number of one rpc that waits for its reply; the shell counts. */
export type RequestId = number;

export type WorkerRegistration = Extract<SchedulerRequest, { op: "register-worker" }>;

/** The requests that change state or wait. All others are reads (`view.ts`) or move bytes. */
export type CoreRequest = ExtensionRequest | StateRequest;

type StateRequest = Extract<
  SchedulerRequest,
  {
    op:
      | "heartbeat_worker"
      | "retire_workers"
      | "restart"
      | "restart_workers"
      | "retry"
      | "unregister"
      | "update_data"
      | "add_keys"
      | "set_resources"
      | "set_restrictions"
      | "set_metadata"
      | "shuffle_get"
      | "shuffle_get_or_create"
      | "shuffle_restrict_task"
      | "shuffle_barrier"
      | OperationOp;
  }
>;

/** Why a foreign graph could not be unfolded; an exception of Python's goes to the client as it is. */
export interface UnfoldFailure {
  error: string;
  exception?: Uint8Array | undefined;
  traceback?: Uint8Array | null | undefined;
}

export type SchedulerEvent =
  | {
      type: "worker-registered";
      requestId: RequestId;
      link: Link;
      registration: WorkerRegistration;
    }
  | { type: "worker-messages"; link: Link; messages: readonly WorkerToScheduler[] }
  | { type: "worker-gone"; link: Link; reason: string }
  /** Nobody answers where a silent worker is. */
  | { type: "worker-unreachable"; link: Link; reason: string }
  | {
      type: "client-registered";
      requestId: RequestId;
      link: Link;
      client: ClientId;
      /** Version of our additions that the client speaks; 0 or absent for a Python client. */
      acme?: number | undefined;
      /** What it runs, in dask's shape. */
      versions?: unknown;
    }
  | { type: "client-messages"; link: Link; messages: readonly ClientToScheduler[] }
  | { type: "client-gone"; link: Link; reason: string }
  | { type: "request"; requestId: RequestId; link: Link; request: CoreRequest }
  | { type: "request-gone"; requestId: RequestId }
  | {
      type: "scatter-requested";
      requestId: RequestId;
      client: ClientId;
      sizes: ReadonlyMap<TaskKey, number>;
      /** Addresses, names or hosts; absent: any. */
      workers?: readonly string[] | undefined;
      /** true: every eligible worker; a number: that many copies. */
      broadcast?: boolean | number | undefined;
      timeoutMs?: number | undefined;
    }
  | { type: "transferred"; transferId: number; worker: WorkerAddress; ok: boolean }
  | { type: "call-done"; callId: number; reply: unknown }
  /** `answered`: the peer was reached, and its answer is an error. */
  | { type: "call-failed"; callId: number; message: string; answered?: boolean }
  | { type: "missing-data"; address: WorkerAddress; keys: readonly TaskKey[] }
  | { type: "link-backlog"; link: Link; bytes: number }
  /** Somebody wants to be told how far something is, until `unwatched`. */
  | { type: "watched"; watchId: number; wish: WatchWish }
  | { type: "unwatched"; watchId: number }
  /** Answers to errands: a graph as its tasks or why it has none, and the layout of a shuffle. */
  | { type: "materialized"; errandId: number; graph: ForeignGraph | UnfoldFailure }
  | { type: "shuffle-planned"; errandId: number; layout: PlannedShuffle | { error: string } }
  /** Whoever was asked could not do it; somebody else may. */
  | { type: "errand-failed"; errandId: number; message: string }
  /** Which dask the process beside the scheduler has, or why it is not there. */
  | { type: "helper-answered"; dask: string | null; problem: string | null };
