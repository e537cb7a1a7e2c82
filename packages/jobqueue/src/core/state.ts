// All that is known of one group of equal jobs. Plain data; read from outside through view.ts.
// Must not know commands, processes or the clock.
import type { Adapting } from "./adapt.js";
import type { RequestId } from "./events.js";
import { type ReconcileLimits, reconcileLimits } from "./limits.js";
import type { JobReport } from "./report.js";
import type { Slot } from "./slot.js";

export interface Failure {
  readonly atMs: number;
  /** Whose job it was; null: it was not submitted. */
  readonly slot: number | null;
  readonly text: string;
}

export interface Waiter {
  readonly requestId: RequestId;
  readonly workers: number;
  readonly deadlineMs: number;
}

export interface ReconcileState {
  readonly limits: ReconcileLimits;
  /** Worker processes of one job. */
  readonly processes: number;
  /** The batch system starts a job again that was preempted or lost its node. */
  readonly requeues: boolean;
  wantedJobs: number;
  slots: Map<number, Slot>;
  nextSlot: number;
  nextSubmission: number;
  /** Nothing is submitted before. */
  submitAfterMs: number;
  /** Recent ones, the newest last. */
  failures: Failure[];
  /** Slots whose output has been asked for. */
  tails: Set<number>;
  /** Too many failures: nothing is submitted until the next scale. */
  isBroken: boolean;
  pollAtMs: number;
  pollUnderWay: boolean;
  pollFailures: number;
  /** Scale requests, each with the submissions that it waits for. */
  scaling: Map<RequestId, Set<number>>;
  waiters: Waiter[];
  /** It follows the work; null: it has the size that it was given. */
  adapting: Adapting | null;
  closing: RequestId | null;
  /** Another process is to take over: nothing new is begun. */
  detaching: RequestId | null;
  /** All that was under way then has ended. */
  hasDetached: boolean;
  /** The last jobs that are over. */
  past: JobReport[];
}

export interface ReconcileOptions {
  processes: number;
  requeues?: boolean;
  limits?: Partial<ReconcileLimits>;
}

export const pastJobs = 200;

export function newState(options: ReconcileOptions): ReconcileState {
  return {
    limits: { ...reconcileLimits, ...options.limits },
    processes: options.processes,
    requeues: options.requeues ?? false,
    wantedJobs: 0,
    slots: new Map(),
    nextSlot: 0,
    nextSubmission: 0,
    submitAfterMs: 0,
    failures: [],
    tails: new Set(),
    isBroken: false,
    pollAtMs: Number.POSITIVE_INFINITY,
    pollUnderWay: false,
    pollFailures: 0,
    scaling: new Map(),
    waiters: [],
    adapting: null,
    closing: null,
    detaching: null,
    hasDetached: false,
    past: [],
  };
}
