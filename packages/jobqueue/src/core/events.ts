// All that can happen to a cluster of jobs. Every one is plain data; nothing else changes state.
// Must not know where an event comes from.
import type { JobRef, JobStatus } from "../drivers/driver.js";
import type { AdaptRules } from "./adapt-rules.js";
import type { WorkerSight } from "./slot.js";

export type RequestId = number;

export type ReconcileEvent =
  /** So many jobs are wanted; answered when they are submitted. */
  | { type: "scale"; requestId: RequestId; jobs: number }
  /** The number of jobs follows the work, within these bounds; null: it does not any more. */
  | { type: "adapt"; rules: AdaptRules | null }
  /** So many workers would do; null: the scheduler did not say. */
  | { type: "wished"; workers: number | null }
  /** Addresses of workers that may go, the least missed first. */
  | { type: "who-goes"; workers: readonly string[] }
  | { type: "submitted"; submission: number; refs: readonly JobRef[] }
  | {
      type: "submit-failed";
      submission: number;
      /** It may work in a moment: the controller was busy, not the request wrong. */
      transient: boolean;
      message: string;
    }
  /** What the batch system said, asked at `askedMs`. */
  | { type: "polled"; askedMs: number; statuses: readonly JobStatus[] }
  | { type: "poll-failed"; message: string }
  /** The scheduler's workers by the name of their slot. */
  | { type: "workers"; bySlot: ReadonlyMap<string, readonly WorkerSight[]> }
  /** The workers of a slot have handed over what they held. */
  | { type: "retired"; slot: number; ok: boolean }
  | { type: "wait"; requestId: RequestId; workers: number; timeoutMs: number | null }
  | { type: "request-gone"; requestId: RequestId }
  | { type: "log-tail"; slot: number; text: string }
  /** These jobs were there before us, and so many are wanted. */
  | { type: "adopt"; jobs: number; refs: readonly JobRef[] }
  /** Answered when nothing is under way, so that another process can take over. */
  | { type: "detach"; requestId: RequestId }
  | { type: "close"; requestId: RequestId; drain: boolean };
