// The state of one map while it runs. Nothing is kept of a call that has ended, so that a map may
// have any number of them. What happens to it is in step.ts and the rooms beside it.
import type { TaskId } from "./events.js";
import { mapCoreLimits } from "./limits.js";
import type { MapEnd } from "./outbox.js";
import { Queue } from "./queue.js";
import type { MapRules } from "./rules.js";

export interface SentTask {
  readonly indexes: readonly number[];
}

/** What is remembered of a call that did not end at its first attempt. */
export interface Tried {
  /** Attempts that failed. */
  attempts: number;
  /** Memory to ask for; null: as the rules say. */
  memoryBytes: number | null;
}

export interface Delayed {
  readonly index: number;
  readonly atMs: number;
}

export interface MapState {
  readonly rules: MapRules;
  sourceEnded: boolean;
  /** Calls asked of the source that have not come yet. */
  pulled: number;
  /** Calls that can be sent, in order. */
  readonly waiting: Queue<number>;
  /** Calls that are sent before those, each alone. */
  readonly alone: Queue<number>;
  /** Calls between two attempts, soonest first. */
  delayed: Delayed[];
  readonly tried: Map<number, Tried>;
  readonly tasks: Map<TaskId, SentTask>;
  lastTaskId: TaskId;
  /** Calls in `tasks`. */
  sent: number;
  /** Outcomes that the user has not taken yet. */
  untaken: number;
  done: number;
  failed: number;
  slots: number;
  bytesPerCall: number;
  /** The last few durations, in no order, and where the next goes. */
  readonly durations: number[];
  nextDuration: number;
  /** When the pilot is given up; null: it has not begun. */
  pilotUntilMs: number | null;
  end: MapEnd | null;
}

export const newState = (rules: MapRules): MapState => ({
  rules,
  sourceEnded: false,
  pulled: 0,
  waiting: new Queue(),
  alone: new Queue(),
  delayed: [],
  tried: new Map(),
  tasks: new Map(),
  lastTaskId: 0,
  sent: 0,
  untaken: 0,
  done: 0,
  failed: 0,
  slots: mapCoreLimits.slots,
  bytesPerCall: 0,
  durations: [],
  nextDuration: 0,
  pilotUntilMs: null,
  end: null,
});

/** Calls that have come and not ended. */
export const openCalls = (state: MapState): number =>
  state.waiting.length + state.alone.length + state.delayed.length + state.sent;
