// The end before the end: what is on its way is cancelled, what waits is forgotten. Why, whoever
// calls it knows.
import type { MapEnd } from "./outbox.js";
import type { Turn } from "./turn.js";

export function stop({ state, out }: Turn, end: MapEnd): void {
  out.cancel.push(...state.tasks.keys());
  state.tasks.clear();
  state.sent = 0;
  state.waiting.clear();
  state.alone.clear();
  state.delayed = [];
  state.tried.clear();
  // What this step wanted to send before has no one to take it any more.
  out.send = [];
  state.end = end;
  out.end = end;
}
