// Makes the calls of one task and hands their values back, or nothing of them. Sent by reference, as
// write-result.ts is, and loads nothing that writes files.
import { told } from "./calls/calls-failed.js";
import { type CallJob, type CallsReport, runEach, type SentCalls } from "./calls/run-each.js";
import { ResultValueError } from "./map-errors.js";
import type { ResultLayout } from "./result-layout.js";
import { resultArrays } from "./result-values.js";

export interface ReturnJob extends CallJob {
  /** Arrays of this shape go back instead of what was returned. */
  readonly layout: ResultLayout | null;
  /** False: nothing does. */
  readonly returns: boolean;
}

/** @param shared - values that all calls share */
export function returnResults(
  job: ReturnJob,
  sent: SentCalls,
  ...shared: unknown[]
): Promise<CallsReport> {
  const { layout, returns } = job;
  if (!returns) {
    const noStore = { find: nothing, put: () => null };
    return told(runEach(job, sent, shared, noStore), { withValues: false });
  }
  if (layout === null) return told(runEach(job, sent, shared), { withValues: true });
  const put = {
    find: nothing,
    put: (index: number, value: unknown) => {
      const arrays = resultArrays(value, { index, layout, dtype: layout.dtype });
      if (arrays !== undefined) return arrays;
      throw new ResultValueError(index, "it is no array, as resultShape asks for", undefined);
    },
  };
  return told(runEach(job, sent, shared, put), { withValues: true });
}

const nothing = () => undefined;
