// A scheduler that was restored from a saved state: all its connections are gone, and nothing
// that was sent before may be confused with what is sent now.
import { askAgain } from "./errands/assign.js";
import type { SchedulerEvent } from "./events.js";
import { newOutbox } from "./outbox.js";
import type { SchedulerState } from "./state.js";
import { step } from "./step.js";

/**
 * Begins the next incarnation. Workers are forgotten without suspecting anybody's tasks (they
 * register again), our clients keep their keys for the time they may linger, parked requests are
 * dropped with the connections they came from. Links of this life must have new numbers.
 */
export function newLife(state: SchedulerState, nowMs: number): void {
  state.settings.incarnation += 1;
  state.runs = 0;
  state.parked.clear();
  state.calls.clear();
  state.transfers.clear();
  state.watches.open.clear();
  const reason = "the scheduler was restored";
  const events: SchedulerEvent[] = [];
  for (const worker of state.workers.values()) {
    worker.leaving = true;
    events.push({ type: "worker-gone", link: worker.link, reason });
  }
  for (const link of state.clientOfLink.keys()) events.push({ type: "client-gone", link, reason });
  for (const requestId of state.extensions.waiting.keys()) {
    events.push({ type: "request-gone", requestId });
  }
  step(state, events, nowMs, newOutbox());
  askAgain(state);
}
