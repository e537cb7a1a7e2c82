// Reads of the state, for users, for the status line and for the shell. Changes nothing.
// Must not know who asks.
import type { JobRef } from "../drivers/driver.js";
import { type JobReport, reportOf } from "./report.js";
import { someSlot } from "./slot.js";
import type { ReconcileState } from "./state.js";

/** Every job that is wanted, waits, runs or leaves; then the last ones that are over. */
export function jobs(state: ReconcileState): { now: JobReport[]; past: readonly JobReport[] } {
  return { now: Array.from(state.slots.values(), reportOf), past: state.past };
}

/** What the batch system calls our jobs that are not over. */
export function refs(state: ReconcileState): JobRef[] {
  return Array.from(state.slots.values()).flatMap(({ ref }) => ref ?? []);
}

/** Somebody waits for workers, or some are about to come or to go. */
export function isExpecting(state: ReconcileState): boolean {
  if (state.waiters.length > 0) return true;
  return someSlot(state.slots, ({ phase }) => phase !== "up");
}

export { registered } from "./waiters.js";
