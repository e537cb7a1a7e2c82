// A task of which calls failed ends as failed, so that whoever looks at the cluster sees that they did.
// What it has to tell travels in the error, and is the same as from any other task.
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

export interface ToldOptions {
  /** The values are large: they go from worker to client as results do, not in an error. */
  readonly withValues: boolean;
}

/**
 * The report as a task gives it.
 *
 * @throws CallsFailedError if it tells of failures; with values, if it tells of nothing else
 */
export async function told(
  reporting: Promise<CallsReport>,
  { withValues }: ToldOptions,
): Promise<CallsReport> {
  const report = await reporting;
  const { failures, durationsMs } = report;
  const calls = durationsMs.length;
  const [first] = failures;
  if (first === undefined || (withValues && failures.length < calls)) return report;
  const { name, message } = decodeError(first.error);
  const share = calls > 1 ? ` (${failures.length} of ${calls} calls failed)` : "";
  throw new CallsFailedError(`${name}: ${message}${share}`, report);
}

/** The report of a task that failed because its calls did; undefined: it failed otherwise. */
export function reportIn(error: Error): CallsReport | undefined {
  const { code, report } = error as { code?: unknown; report?: CallsReport };
  return code === "CALLS_FAILED" ? report : undefined;
}
