// Reads of the state, for users and for the status line. Changes nothing.
import { type JobReport, reportOf } from "./report.js";
import type { ReconcileState } from "./state.js";

/** Every job that is wanted, waits, runs or leaves; then the last ones that are over. */
export function jobs(state: ReconcileState): { now: JobReport[]; past: readonly JobReport[] } {
  return { now: Array.from(state.slots.values(), reportOf), past: state.past };
}

export { registered } from "./waiters.js";
