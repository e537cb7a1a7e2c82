// The one entry to the core of a map: applies a batch of events in order, then decides once what to
// send and what to pull. It must not know functions, values, files or clusters.
import { assertNever } from "@acme/protocol";
import { taskEnded, taskFailed } from "./ends.js";
import type { MapEvent } from "./events.js";
import type { MapOutbox } from "./outbox.js";
import { sendAndPull } from "./sending.js";
import { type MapState, openCalls } from "./state.js";
import { stop } from "./stop.js";
import type { Turn } from "./turn.js";

/**
 * Applies events to the state and says in `out` what to do about it. Synchronous; the same state,
 * events and time give the same outbox.
 *
 * @param nowMs - any clock that does not run backwards
 * @param out - a fresh one
 */
export function step(
  state: MapState,
  events: readonly MapEvent[],
  nowMs: number,
  out: MapOutbox,
): void {
  const turn: Turn = { state, nowMs, out };
  for (const event of events) if (state.end === null) apply(turn, event);
  if (state.end !== null) return;
  if (state.sourceEnded && openCalls(state) === 0) {
    state.end = "complete";
    out.end = "complete";
    return;
  }
  sendAndPull(turn);
}

function apply(turn: Turn, event: MapEvent): void {
  const { state } = turn;
  switch (event.type) {
    case "arrived":
      state.pulled -= event.pulled;
      state.waiting.push(event.indexes);
      return;
    case "known":
      known(turn, event.ends, event.pulled);
      return;
    case "source-ended":
      state.sourceEnded = true;
      state.pulled = 0;
      return;
    case "slots":
      state.slots = Math.max(1, event.count);
      return;
    case "packed":
      state.bytesPerCall = event.bytesPerCall;
      return;
    case "task-ended":
      taskEnded(turn, event.taskId, event.ends);
      return;
    case "task-failed":
      taskFailed(turn, event.taskId, event.fault);
      return;
    case "taken":
      state.untaken -= event.count;
      return;
    case "cancel":
      stop(turn, "cancelled");
      return;
    default:
      assertNever(event);
  }
}

function known(
  { state, out }: Turn,
  ends: readonly { index: number; payload: unknown }[],
  pulled: number,
): void {
  state.pulled -= pulled;
  state.done += ends.length;
  state.untaken += ends.length;
  for (const { index, payload } of ends) {
    out.outcomes.push({ index, status: "done", attempts: 0, payload });
  }
}
