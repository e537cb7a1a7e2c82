// The one entry to the client core: applies a batch of events in order, then looks at the clock
// once. It must not know promises, sockets or what a value is.
import { assertNever, type SchedulerToClient } from "@acme/protocol";
import { closed, connected, disconnected, heartbeat, said } from "./connection.js";
import { cancelled, desired, released, submitted } from "./desires.js";
import type { ClientEvent, Link } from "./events.js";
import { gathered, gatherFailed, orderGathers, wanted } from "./gather.js";
import type { ClientOutbox } from "./outbox.js";
import { reported } from "./reports.js";
import type { ClientState } from "./state.js";

/**
 * Applies events to the state and says in `out` what to do about it. Synchronous; the same state,
 * events and time give the same outbox.
 *
 * @param nowMs - any clock that does not run backwards
 * @param out - appended to, except `wakeAtMs`, which is set; the caller empties it
 */
export function step(
  state: ClientState,
  events: readonly ClientEvent[],
  nowMs: number,
  out: ClientOutbox,
): void {
  const turn: Turn = { state, nowMs, out };
  for (const event of events) apply(turn, event);
  orderGathers(turn);
  heartbeat(turn);
  out.wakeAtMs = nextWake(state);
}

/** What every handler gets. */
export interface Turn {
  readonly state: ClientState;
  readonly nowMs: number;
  readonly out: ClientOutbox;
}

function apply(turn: Turn, event: ClientEvent): void {
  switch (event.type) {
    case "submitted":
      return void submitted(turn, event.graph, event.desired);
    case "desired":
      return void desired(turn, event.keys);
    case "released":
      return void released(turn, event.keys);
    case "cancelled":
      return void cancelled(turn, event.keys, event.force);
    case "wanted":
      return void wanted(turn, event.keys);
    case "said":
      return void said(turn, event.message);
    case "connected":
      return void connected(turn, event.link);
    case "disconnected":
      return void disconnected(turn, event.link);
    case "scheduler-messages":
      return void schedulerMessages(turn, event.link, event.messages);
    case "gathered":
      return void gathered(turn, event.gatherId, event.values);
    case "gather-failed":
      return void gatherFailed(turn, event.gatherId, event.message);
    case "closed":
      return void closed(turn, event.reason);
    default:
      assertNever(event);
  }
}

function schedulerMessages(turn: Turn, link: Link, messages: readonly SchedulerToClient[]): void {
  // What an older connection still brings is void.
  if (link !== turn.state.link) return;
  for (const message of messages) reported(turn, message);
}

function nextWake(state: ClientState): number {
  let wakeAtMs = state.link === null ? Number.POSITIVE_INFINITY : state.nextHeartbeatMs;
  for (const atMs of state.gatherAtMs.values()) if (atMs < wakeAtMs) wakeAtMs = atMs;
  return wakeAtMs;
}
