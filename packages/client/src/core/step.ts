// The one entry to the client core: applies a batch of events in order, then looks at the clock
// once. It must not know promises, sockets or what a value is.
import { assertNever } from "@acme/protocol";
import type { ClientEvent } from "./events.js";
import type { ClientOutbox } from "./outbox.js";
import type { ClientState } from "./state.js";

/**
 * Applies events to the state and says in `out` what to do about it. Synchronous; the same state,
 * events and time give the same outbox.
 *
 * @param nowMs - any clock that does not run backwards
 * @param out - appended to; the caller empties it
 */
export function step(
  state: ClientState,
  events: readonly ClientEvent[],
  nowMs: number,
  out: ClientOutbox,
): void {
  for (const event of events) apply(state, event, out);
  void nowMs;
}
function apply(_state: ClientState, event: ClientEvent, _out: ClientOutbox): void {
  switch (event.type) {
    default:
      assertNever(event as never);
  }
}
