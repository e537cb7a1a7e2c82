// Everything that can happen to a worker, as plain data: the only way its state changes. The
// shell, the executors and the store write these; values stay with them, only sizes come here.
// Corresponds to the stimuli of dask's worker state machine.
import type {
  Death,
  Pickled,
  SchedulerToWorker,
  Serialized,
  TaskKey,
  WorkerRequest,
} from "@acme/protocol";

/** Number of one connection to the scheduler, counting up; messages of an older one are dropped. */
export type Link = number;
/** Number of one hand-over of a task to an executor; never used twice. */
export type OrderId = number;
/** Number of one `get_data` sent to a peer. */
export type FetchId = number;
/** Number of one rpc that a peer sent us, chosen by the shell. */
export type RequestId = number;
/** Number of an executor's place, 0 to nthreads - 1. */
export type Slot = number;

/** A value or an error as bytes that nobody here opens. */
export type OpaqueBytes = Uint8Array | Serialized | Pickled;

/** A task ran to its end; the value waits in the executor room under the order's number. */
export interface OkOutcome {
  type: "ok";
  nbytes: number;
  typename: string;
  /** Wall clock, milliseconds since the epoch. */
  startMs: number;
  stopMs: number;
  /** The value itself when it is small; sent along to an acme scheduler only. */
  inline?: Serialized | undefined;
  /** The pickled class, for Python clients; our executors leave it out. */
  wireType?: OpaqueBytes | undefined;
  metadata?: unknown;
}

/** The task threw, or its executor died with it. */
export interface FailedOutcome {
  /**
   * `died`: the thread or process ended while this order was the one running. `foreign`: only
   * Python can run it; nothing of it was run.
   */
  type: "error" | "died" | "foreign";
  /** How it ended, if it did. */
  death?: Death | undefined;
  exception: OpaqueBytes;
  traceback: OpaqueBytes | null;
  exceptionText: string;
  tracebackText: string;
  startMs: number;
  stopMs: number;
}

/**
 * How an order ended; every order ends exactly once. `returned`: handed over, never started.
 * `rescheduled`: the task asked to run elsewhere. `aborted`: stopped because of a `cancel`.
 */
export type Outcome =
  | OkOutcome
  | FailedOutcome
  | { type: "returned" }
  | { type: "rescheduled" }
  | { type: "aborted" };

export type WorkerEvent =
  /** Registered. From here on messages may be sent; the status follows by itself. */
  | { type: "connected"; link: Link; acme: boolean; heartbeatIntervalMs: number }
  | { type: "disconnected"; link: Link; reason: string }
  | { type: "scheduler-messages"; link: Link; messages: readonly SchedulerToWorker[] }
  /** The reply to a heartbeat; `failed`: no reply, the link decides what that means. */
  | {
      type: "heartbeat-answered";
      status: "OK" | "missing" | "failed";
      heartbeatIntervalMs?: number | undefined;
    }
  /** The value of an `ok` that is not kept by the step that sees this event is to be dropped. */
  | { type: "executed"; orderId: OrderId; outcome: Outcome }
  /** The answer to a `retract` that came too late; the order's outcome follows when it ends. */
  | { type: "claimed"; orderId: OrderId }
  /**
   * The task left its slot and goes on elsewhere. Orders behind it are `returned` first;
   * `executor-ready` follows when the slot can run again.
   */
  | { type: "seceded"; orderId: OrderId }
  /** The slot accepts orders: at first, and after `executor-lost` or `seceded`. */
  | { type: "executor-ready"; slot: Slot }
  /** The slot accepts no orders for now. The fate of its orders is told by `executed`. */
  | { type: "executor-lost"; slot: Slot }
  /** `arrived` (bytes per key) may lack keys that the peer no longer has. */
  | {
      type: "fetched";
      fetchId: FetchId;
      outcome: "ok" | "busy" | "failed";
      arrived: ReadonlyMap<TaskKey, number>;
    }
  /** A spilled value is in memory again. After `drop` the store says nothing more of a key. */
  | { type: "loaded"; key: TaskKey; ok: boolean }
  /** `ok`: the value is on disk alone and takes `bytes` there; else it is still in memory. */
  | { type: "spilled"; key: TaskKey; bytes: number; ok: boolean; problem?: string }
  /** A `serve` is over: acknowledged, or the peer is gone. */
  | { type: "served"; requestId: RequestId }
  /** Real memory of this process, measured now and then. */
  | { type: "memory"; processBytes: number }
  /** `get_data`, `update_data`, `gather`, `free_keys` and `terminate`; reads use the view. */
  | { type: "request"; requestId: RequestId; request: WorkerRequest }
  /** The peer went away before it was answered. */
  | { type: "request-gone"; requestId: RequestId }
  /** SIGTERM, or the end of the job draws near: hand over and go within `graceMs`. */
  | { type: "leave"; graceMs: number; reason: string };
