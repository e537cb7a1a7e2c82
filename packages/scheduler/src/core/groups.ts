// Tasks that belong together: a prefix shares its duration, a group (prefix, or first part of a
// tuple key) tells whether its tasks are rootish. Corresponds to dask's TaskPrefix and TaskGroup.
import type { Task } from "./task.js";

export class TaskPrefix {
  readonly name: string;
  /** Average of runs in microseconds; −1 unknown. */
  durationUs = -1;
  /** Longest running time seen in heartbeats, for prefixes that never finished. */
  runningUs = 0;
  /** Live tasks. */
  size = 0;
  /** In flight with a guessed duration: their estimate improves with the first finish. */
  guessed: Set<Task> | null = null;

  constructor(name: string) {
    this.name = name;
  }
}

export class TaskGroup {
  readonly name: string;
  readonly prefix: TaskPrefix;
  /** Live tasks. */
  size = 0;
  /** Groups that tasks of this one depend on; only as many as matter. */
  dependencies: Set<TaskGroup> = new Set();

  constructor(name: string, prefix: TaskPrefix) {
    this.name = name;
    this.prefix = prefix;
  }
}
