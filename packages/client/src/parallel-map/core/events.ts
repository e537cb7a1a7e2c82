// Everything that can change the state of one map: calls that come from the source, tasks that
// end, results that are taken, the wish to stop. Plain data; what a payload is, nobody here knows.
import type { Death } from "@acme/protocol";

/** Number of one task; a task makes one call or several. */
export type TaskId = number;

/** How one call ended where it ran. */
export type CallEnd =
  | {
      readonly index: number;
      readonly ok: true;
      readonly durationMs: number;
      readonly payload: unknown;
    }
  | {
      readonly index: number;
      readonly ok: false;
      readonly durationMs: number;
      readonly fault: Fault;
    };

/** Why a call, or a task as a whole, gave no result. */
export interface Fault {
  /** Of the error; null if it has none. */
  readonly code: string | null;
  /** How the process ended that ran it; null: it did not. */
  readonly death: Death | null;
  /** Of the worker where that was, and of the largest that there is; null: not asked for. */
  readonly memory: { readonly workerBytes: number; readonly largestBytes: number } | null;
  readonly payload: unknown;
}

export type MapEvent =
  /** The source gave these calls, as many as were pulled or fewer. */
  | { type: "arrived"; indexes: readonly number[]; pulled: number }
  /** Among them are some whose results are there from an earlier run. */
  | { type: "known"; ends: readonly { index: number; payload: unknown }[]; pulled: number }
  /** The source has no more. */
  | { type: "source-ended" }
  /** Slots of the cluster, as far as is known. */
  | { type: "slots"; count: number }
  /** How large the arguments of a call are, by those that were packed last. */
  | { type: "packed"; bytesPerCall: number }
  /** A task came back; it says of each of its calls how that ended. */
  | { type: "task-ended"; taskId: TaskId; ends: readonly CallEnd[] }
  /** A task gave nothing at all: its worker died of it, its value is lost. */
  | { type: "task-failed"; taskId: TaskId; fault: Fault }
  /** The user took that many outcomes. */
  | { type: "taken"; count: number }
  /** Nobody wants the rest. */
  | { type: "cancel" };
