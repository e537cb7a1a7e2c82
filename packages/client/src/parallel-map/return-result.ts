// Makes the calls of one task and hands their values back. Sent by reference, as write-result.ts is,
// and loads nothing that writes files.
import { type CallJob, type CallsReport, runEach, type SentCalls } from "./calls/run-each.js";

/** @param shared - values that all calls share */
export function returnResults(
  job: CallJob,
  sent: SentCalls,
  ...shared: unknown[]
): Promise<CallsReport> {
  return runEach(job, sent, shared);
}
