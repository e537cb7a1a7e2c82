// Runs one call and hands its value back. Sent by reference, as write-result.ts is, and loads
// nothing that writes files.
import { assembleArguments, type CallLayout } from "./call-layout.js";

/** What all calls of a run have in common where they run. */
export interface CallJob {
  readonly fn: (...args: never[]) => unknown;
  readonly calls: CallLayout;
}

/** @param values - the call's own values, then those that all calls share */
export function returnResult(job: CallJob, _index: number, ...values: unknown[]): unknown {
  const fn = job.fn as (...args: unknown[]) => unknown;
  return fn(...assembleArguments(job.calls, values));
}
