// Numbers that are kept, never counted afresh: tasks per state and what happened so far.
// Plain data; heartbeats, metrics and views read it, only the core writes it.
import type { TaskStateName } from "./task.js";
import { stateNames } from "./transitions/table.js";

export class Counters {
  /** Live tasks by the code of their state. */
  tasks: number[] = new Array<number>(stateNames.length).fill(0);
  /** How often each edge was taken: from × 8 + to, in the order of `stateNames`. */
  edges: number[] = new Array<number>(64).fill(0);
  steps = 0;
  events = 0;
  transitions = 0;
  finished = 0;
  erred = 0;
  retried = 0;
  stealsAsked = 0;
  stealsWon = 0;
  workersLost = 0;
  inlineForwarded = 0;
  lateMessages = 0;
  bytesScattered = 0;

  /** Live tasks by the name of their state. */
  get states(): Readonly<Record<TaskStateName, number>> {
    return byName(this.tasks);
  }
}

/** Counts that are kept by code, by the names of the states. */
export function byName(counts: readonly number[]): Record<TaskStateName, number> {
  const entries = stateNames.map((name, code) => [name, counts[code]]);
  return Object.fromEntries(entries) as Record<TaskStateName, number>;
}
