// A task of which every call failed ends as failed, so that whoever looks at the cluster sees that it
// did. What it has to tell travels in the error, and is the same as from any other task.
import { AcmeError } from "@acme/protocol";
import { decodeError } from "@acme/serialize";
import type { CallsReport } from "./run-each.js";

/** Nobody but {@link reportIn} gets to see it. */
class CallsFailedError extends AcmeError {
  readonly code = "CALLS_FAILED";
  readonly report: CallsReport;

  constructor(message: string, report: CallsReport) {
    super(message);
    this.report = report;
  }
}

/** The report as a task gives it. @throws CallsFailedError if it tells of failures only */
export async function told(reporting: Promise<CallsReport>): Promise<CallsReport> {
  const report = await reporting;
  const { failures, durationsMs } = report;
  const [first] = failures;
  if (first === undefined || failures.length < durationsMs.length) return report;
  const { name, message } = decodeError(first.error);
  const others = failures.length > 1 ? ` (and ${failures.length - 1} calls more)` : "";
  throw new CallsFailedError(`${name}: ${message}${others}`, report);
}

/** The report of a task that failed because its calls did; undefined: it failed otherwise. */
export function reportIn(error: Error): CallsReport | undefined {
  const { code, report } = error as { code?: unknown; report?: CallsReport };
  return code === "CALLS_FAILED" ? report : undefined;
}
