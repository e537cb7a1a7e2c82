// Makes the calls of one task, one after the other, where tasks run, and tells of each how it ended.
// A call that fails harms no other. Knows neither files nor who asked.
import { hostname } from "node:os";
import { isAcmeError } from "@acme/protocol";
import { encodeError, encodeValue } from "@acme/serialize";
import { assembleArguments, type CallLayout } from "../call-layout.js";
import { type ContextRules, CurrentCall } from "./current-call.js";
import { HeldResults } from "./held-results.js";
import { settled } from "./settled.js";
import { within } from "./within.js";

/** What all calls of a run have in common where they run. */
export interface CallJob {
  readonly fn: (...args: never[]) => unknown;
  readonly calls: CallLayout;
  /** Milliseconds that one call may take; undefined: any. */
  readonly timeLimitMs?: number | undefined;
  /** What a call is told that asks. */
  readonly context?: ContextRules | undefined;
}

/** The calls of one task: the number of each, then its own values. */
export interface SentCalls {
  /** Counted from 1. */
  readonly attempt: number;
  readonly rows: readonly (readonly [index: number, ...own: unknown[]])[];
}

/** How the calls of one task ended, in their order. */
export interface CallsReport {
  readonly where: Whereabouts;
  /** Without what it takes to make results safe, which several have in common. */
  readonly durationsMs: readonly number[];
  /** What each call gave; null where it failed, or where `encoded` has it. */
  readonly values: readonly unknown[];
  /** Values that have to be decoded by themselves, since one that cannot be is nobody else's harm. */
  readonly encoded: readonly { readonly at: number; readonly frames: readonly Uint8Array[] }[];
  readonly failures: readonly CallFailure[];
  /** What calls wrote, if that is to be shown. */
  readonly logs: readonly { readonly at: number; readonly text: string }[];
}

/** One call that failed. */
export interface CallFailure {
  readonly at: number;
  /** The error with its stack, as `decodeError` reads it. */
  readonly error: readonly Uint8Array[];
  /** The last that the call wrote. */
  readonly logTail: string;
}

/** Where a call ran. */
export interface Whereabouts {
  /** Address of the worker. */
  readonly worker: string;
  readonly host: string;
  /** Id of the batch system's job; empty without one. */
  readonly jobId: string;
}

/** What becomes of values before they are sent back; a {@link BatchedStore} may hold them up. */
export interface ResultStore {
  /** What is there of the call already; undefined: it is to be made. */
  find(index: number): unknown;
  put(index: number, value: unknown): unknown;
}

/** @param store - default: the value itself goes back */
export async function runEach(
  job: CallJob,
  { rows, attempt }: SentCalls,
  shared: readonly unknown[],
  store?: ResultStore,
): Promise<CallsReport> {
  const where = whereabouts();
  const report: Draft = { where, durationsMs: [], values: [], encoded: [], failures: [], logs: [] };
  const held = new HeldResults(store, report);
  const making: Making = { job, shared, store, report, held, isAlone: rows.length === 1 };
  try {
    for (let at = 0; at < rows.length; at++) {
      await makeCall(making, at, { row: rows[at] as SentCalls["rows"][number], attempt });
      if (currentTask()?.isCancelled) throw new Error("cancelled between two calls");
      await held.settleDue();
    }
  } finally {
    // Also of a task that ends early: what it has done is not to be done again.
    await held.settle();
  }
  return report;
}

/** What the calls of one task share. */
interface Making {
  readonly job: CallJob;
  readonly shared: readonly unknown[];
  readonly store: ResultStore | undefined;
  readonly report: Draft;
  readonly held: HeldResults;
  readonly isAlone: boolean;
}

interface Given {
  readonly row: SentCalls["rows"][number];
  readonly attempt: number;
}

async function makeCall(making: Making, at: number, { row, attempt }: Given): Promise<void> {
  const { job, shared, store, report, held, isAlone } = making;
  const [index, ...own] = row;
  const startMs = performance.now();
  const limits = { timeLimitMs: job.timeLimitMs };
  const call = new CurrentCall(job.context ?? nobody, { index, attempt, ...limits });
  let value: unknown = null;
  try {
    const found = await store?.find(index);
    const args = () => assembleArguments(job.calls, [...own, ...shared]);
    value = found ?? (await call.run(() => callOnce(job, args())));
    if (store !== undefined && found === undefined) {
      value = await store.put(index, value);
      held.add(at, call.logTail);
    } else if (store === undefined && !isAlone && !isPlain(value)) {
      report.encoded.push({ at, frames: (await encodeValue(value)).frames });
      value = null;
    }
  } catch (error) {
    // Asked for by the call itself: the task is to run elsewhere, or nobody wants it any more.
    if (isAcmeError(error, "RESCHEDULE")) throw error;
    report.failures.push({ at, error: encodeError(error).frames, logTail: call.logTail });
    value = null;
  } finally {
    call.close();
  }
  if (call.shownLog !== "") report.logs.push({ at, text: call.shownLog });
  report.values.push(value);
  report.durationsMs.push(performance.now() - startMs);
}

/** The same, while it grows. */
interface Draft extends CallsReport {
  readonly durationsMs: number[];
  readonly values: unknown[];
  readonly encoded: { readonly at: number; readonly frames: readonly Uint8Array[] }[];
  readonly failures: CallFailure[];
  readonly logs: { readonly at: number; readonly text: string }[];
}

/** For calls that were sent without a word about their run. */
const nobody: ContextRules = { name: "", seed: 0, outputDir: null, logs: null, isShown: false };

function callOnce(job: CallJob, args: readonly unknown[]): unknown {
  const fn = job.fn as (...args: readonly unknown[]) => unknown;
  if (job.timeLimitMs === undefined) return settled(fn(...args));
  return within(job.timeLimitMs, () => settled(fn(...args)));
}

/** Can be sent for sure. */
function isPlain(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return ["number", "string", "boolean", "bigint"].includes(typeof value);
}

function currentTask(): { workerAddress: string; isCancelled: boolean } | undefined {
  return (globalThis as { [task]?: { workerAddress: string; isCancelled: boolean } })[task];
}

/** Where a worker keeps the task that runs. */
const task = Symbol.for("acme.task");

function whereabouts(): Whereabouts {
  const { SLURM_JOB_ID, PBS_JOBID, JOB_ID } = process.env;
  return {
    worker: currentTask()?.workerAddress ?? "",
    host: hostname(),
    jobId: SLURM_JOB_ID ?? PBS_JOBID ?? JOB_ID ?? "",
  };
}
