// The nanny core's one door: events in, orders out. It decides when the child starts, when it
// has to go, and when to give up. It must not know processes, signals or clocks.
import type { NannyEvent } from "./events.js";
import type { NannyOutbox } from "./outbox.js";
import type { NannyState } from "./state.js";

/**
 * Takes one batch of events.
 *
 * @param state - changed in place
 * @param events - in the order they happened; none: only time has passed
 * @param nowMs - milliseconds of any clock that does not go backwards
 * @param out - appended to; empty it after each step
 */
export function step(
  state: NannyState,
  events: readonly NannyEvent[],
  nowMs: number,
  out: NannyOutbox,
): void {
  void [state, events, nowMs, out];
}
