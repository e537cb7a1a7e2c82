// What a step of the map's core wants done. The engine empties it after every step: pulls calls,
// sends and cancels tasks, hands outcomes on, and steps again no later than `wakeAtMs`.
import type { TaskId } from "./events.js";

/** Calls that one task is to make, one after the other. */
export interface TaskOrder {
  readonly taskId: TaskId;
  readonly indexes: readonly number[];
  /** Which attempt this is, counted from 1. Calls that are tried again go alone. */
  readonly attempt: number;
  /** Only for workers with that much memory; null: as the user said. */
  readonly memoryBytes: number | null;
}

/** The last word on a call; `payload` is that of its result, or of its last fault. */
export interface Outcome {
  readonly index: number;
  readonly status: "done" | "failed";
  /** Attempts of this run; 0: the result is that of an earlier one. */
  readonly attempts: number;
  readonly payload: unknown;
}

/** A call failed and is tried again. */
export interface Retry {
  readonly index: number;
  /** The attempt that failed, counted from 1. */
  readonly attempt: number;
  readonly afterMs: number;
  readonly payload: unknown;
}

/** `complete`: every call has ended. `failed`: ended by a failure. */
export type MapEnd = "complete" | "failed" | "cancelled";

export interface MapOutbox {
  /** Calls to be taken from the source and told with `arrived`. */
  pull: number;
  send: TaskOrder[];
  cancel: TaskId[];
  outcomes: Outcome[];
  retries: Retry[];
  /** Told once; nothing follows it. */
  end: MapEnd | null;
  /** Call `step` again no later than this; null: never. */
  wakeAtMs: number | null;
}

export const newOutbox = (): MapOutbox => ({
  pull: 0,
  send: [],
  cancel: [],
  outcomes: [],
  retries: [],
  end: null,
  wakeAtMs: null,
});
