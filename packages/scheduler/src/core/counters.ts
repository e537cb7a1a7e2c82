// Numbers that are kept, never counted afresh: tasks per state and what happened so far.
// Plain data; heartbeats, metrics and views read it, only the core writes it.
import type { TaskStateName } from "./task.js";

export class Counters {
  states: Record<TaskStateName, number> = {
    released: 0,
    waiting: 0,
    "no-worker": 0,
    queued: 0,
    processing: 0,
    memory: 0,
    erred: 0,
    forgotten: 0,
  };
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
}
