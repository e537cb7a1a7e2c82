// The one entrance of the scheduler core: a batch of events in, messages and wishes out.
import type { SchedulerEvent } from "./events.js";
import type { Outbox } from "./outbox.js";
import type { SchedulerState } from "./state.js";

/**
 * Applies a batch of events, then makes the decisions that look at many tasks (place, steal).
 *
 * @param state - changed in place
 * @param events - in order of arrival; empty when only time passed
 * @param nowMs - milliseconds since the epoch, from a clock that never goes back
 * @param out - filled; `out.wakeAtMs` says when to call again at the latest
 */
export function step(
  state: SchedulerState,
  events: readonly SchedulerEvent[],
  nowMs: number,
  out: Outbox,
): void {
  void [state, events, nowMs, out];
  throw new Error("not yet");
}
