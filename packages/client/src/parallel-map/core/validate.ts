// Checks that the state of a map agrees with itself, in tests after each step. It must not change
// anything.
import { type MapState, openCalls } from "./state.js";

/** @throws Error that names the first contradiction */
export function validate(state: MapState): void {
  const sent = [...state.tasks.values()].flatMap(({ indexes }) => indexes);
  check(sent.length === state.sent, `${state.sent} calls are counted as sent, not ${sent.length}`);
  const open = openCalls(state);
  const seen = new Set([...sent, ...state.delayed.map(({ index }) => index)]);
  check(seen.size === sent.length + state.delayed.length, "a call is in two places");
  check(state.tried.size <= open, "an ended call is remembered");
  check(state.pulled >= 0, "more calls came than were pulled");
  check(state.untaken >= 0, "more outcomes were taken than there are");
  const isSorted = state.delayed.every(({ atMs }, i) => (state.delayed[i - 1]?.atMs ?? 0) <= atMs);
  check(isSorted, "the delayed calls are out of order");
  if (state.end !== null) check(open === 0, `it ended with ${open} calls open`);
}

function check(isTrue: boolean, problem: string): void {
  if (!isTrue) throw new Error(`the state of a map contradicts itself: ${problem}`);
}
