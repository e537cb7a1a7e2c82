// What the core wants done. The shell carries it out in any order and reports by events.
// Must not know how.
import type { JobRef } from "../drivers/driver.js";
import type { RequestId } from "./events.js";
import type { JobReport } from "./report.js";

export type Reply =
  | { requestId: RequestId; type: "done" }
  | { requestId: RequestId; type: "failed"; code: ReplyCode; message: string };

export type ReplyCode = "SUBMIT_FAILED" | "WORKERS_NOT_STARTED" | "CLOSED";

export type ErrorCode = "SUBMIT_FAILED" | "JOBS_FAILED" | "NEVER_RUNS";

/** What else happens, for who listens. */
export type News =
  | { type: "worker"; change: "added" | "removed"; job: string; address: string }
  | { type: "scale"; cause: "scale" | "adapt"; jobs: number; before: number }
  | { type: "error"; code: ErrorCode; message: string };

export interface ReconcileOutbox {
  submit: { submission: number; count: number }[];
  cancel: JobRef[];
  retire: { slot: number; workers: readonly string[] }[];
  /** Asks for the end of a job's own output, for the error. */
  tail: { slot: number; ref: JobRef }[];
  poll: boolean;
  /** Asks the scheduler how many workers get the work done in so many milliseconds. */
  wish: number | null;
  /** Asks the scheduler which workers go if so many have to, whole jobs of them. */
  whoGoes: number | null;
  replies: Reply[];
  /** Jobs whose story has gone on, for who listens. */
  changed: JobReport[];
  news: News[];
  log: { level: "info" | "warn" | "error"; text: string }[];
  wakeAtMs: number | null;
  /** Everything is over: nothing of ours is left in the queue. */
  finished: boolean;
}

export const newOutbox = (): ReconcileOutbox => ({
  submit: [],
  cancel: [],
  retire: [],
  tail: [],
  poll: false,
  wish: null,
  whoGoes: null,
  replies: [],
  changed: [],
  news: [],
  log: [],
  wakeAtMs: null,
  finished: false,
});
