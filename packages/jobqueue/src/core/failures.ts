// What a failed job means for the next ones: wait a little longer each time, and give up when they
// fail one after another, because then the fault is not a node's.
import type { Turn } from "./step.js";

export function fail(turn: Turn, text: string): void {
  const { state, out, nowMs } = turn;
  const { limits } = state;
  state.failures = state.failures.filter((one) => one.atMs > nowMs - limits.failureWindowMs);
  state.failures.push({ atMs: nowMs, text });
  const count = state.failures.length;
  const backoffMs = limits.respawnBackoffMs * 2 ** (count - 1);
  state.submitAfterMs = nowMs + Math.min(backoffMs, limits.respawnBackoffMaxMs);
  out.log.push({ level: "warn", text });
  if (count < limits.failures || state.isBroken) return;
  state.isBroken = true;
  const when = `${count} jobs failed within ${limits.failureWindowMs / 1000} s`;
  out.log.push({ level: "error", text: `${when}: no more are submitted until the next scale()` });
}
