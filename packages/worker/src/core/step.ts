// The worker core's one door: events in, orders out. Facts are recorded event by event; what
// looks at many tasks (handing over, fetching, spilling) is decided once at the end.
// It must not know sockets, files, threads or clocks.
import type { WorkerEvent } from "./events.js";
import type { Outbox } from "./outbox.js";
import type { WorkerState } from "./state.js";

/**
 * Takes one batch of events.
 *
 * @param state - changed in place
 * @param events - in the order they happened; none: only time has passed
 * @param nowMs - wall clock, milliseconds since the epoch; must not go backwards
 * @param out - appended to; empty it after each step
 */
export function step(
  state: WorkerState,
  events: readonly WorkerEvent[],
  nowMs: number,
  out: Outbox,
): void {
  void [state, events, nowMs, out];
}
