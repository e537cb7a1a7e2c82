// The only randomness of the core: a seeded generator in the state (xorshift32).
// The same seed and the same events give the same choices, so that a run can be played again.
import type { SchedulerState } from "./state.js";

/** A whole number from 0 to below `bound`. */
export function randomBelow(state: SchedulerState, bound: number): number {
  let x = state.random;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  state.random = x >>> 0;
  return state.random % bound;
}
