// What a failed job means for the next ones: wait a little longer each time, and give up when they
// fail one after another, because then the fault is not a node's.
import type { ErrorCode } from "./outbox.js";
import { type Slot, slotName } from "./slot.js";
import type { Turn } from "./step.js";

/** @param slot - whose job failed; null: it was not even submitted */
export function fail(turn: Turn, slot: Slot | null, text: string): void {
  const { state, out, nowMs } = turn;
  const { limits } = state;
  state.failures = state.failures.filter((one) => one.atMs > nowMs - limits.failureWindowMs);
  const ref = slot?.ref ?? null;
  state.failures.push({ atMs: nowMs, slot: ref === null ? null : (slot?.id ?? null), text });
  const count = state.failures.length;
  const backoffMs = limits.respawnBackoffMs * 2 ** (count - 1);
  state.submitAfterMs = nowMs + Math.min(backoffMs, limits.respawnBackoffMaxMs);
  // The first few say what all the others would.
  if (state.isBroken) return;
  if (slot !== null && ref !== null) {
    out.tail.push({ slot: slot.id, ref });
    state.tails.add(slot.id);
  }
  if (count < limits.failures) return;
  const when = `${count} jobs failed within ${limits.failureWindowMs / 1000} s`;
  giveUp(turn, "JOBS_FAILED", `${when}, the last one: ${text}`);
}

/** Submits nothing more: it would not go better. */
export function giveUp({ state, out }: Turn, code: ErrorCode, message: string): void {
  state.isBroken = true;
  const until = "no more are submitted until the next scale() or adapt()";
  out.log.push({ level: "error", text: `${message}; ${until}` });
  out.news.push({ type: "error", code, message });
}

/** The end of a failed job's output, for who wants to know why. */
export function tailed({ state, out }: Turn, slot: number, text: string): void {
  state.tails.delete(slot);
  const at = state.failures.findIndex((one) => one.slot === slot);
  const failure = state.failures[at];
  if (text === "" || failure === undefined) return;
  state.failures[at] = { ...failure, text: `${failure.text}\n${text}` };
  out.log.push({ level: "warn", text });
}

export const nameOf = ({ ref }: Slot): string => (ref === null ? "?" : slotName(ref));
