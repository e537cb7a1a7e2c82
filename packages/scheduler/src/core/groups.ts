// Tasks that belong together: a prefix shares its duration, a group (prefix, or first part of a
// tuple key) tells whether its tasks are rootish. Corresponds to dask's TaskPrefix and TaskGroup.
import { coreLimits } from "./limits.js";
import type { SchedulerState } from "./state.js";
import type { Task, TaskStateName } from "./task.js";
import { codeOf } from "./transitions/table.js";

export class TaskPrefix {
  readonly name: string;
  /** Average of runs in microseconds; −1 unknown. */
  durationUs = -1;
  /** Longest running time seen in heartbeats, for prefixes that never finished. */
  runningUs = 0;
  /** Live tasks. */
  size = 0;
  /** Live tasks by the code of their state. */
  states: number[] = new Array<number>(8).fill(0);
  /** Tasks made since there was none. */
  made = 0;
  /** Failures since then, of tasks that nobody wants any more too. */
  failed = 0;

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

/** The prefix of this name, made at first use. */
function prefixNamed(state: SchedulerState, name: string): TaskPrefix {
  const known = state.prefixes.get(name);
  if (known !== undefined) return known;
  if (state.prefixes.size >= coreLimits.prefixes) dropUnusedPrefixes(state);
  const prefix = new TaskPrefix(name);
  const given = state.settings.defaultDurationsMs.get(name);
  if (given !== undefined) prefix.durationUs = Math.round(given * 1000);
  state.prefixes.set(name, prefix);
  return prefix;
}

/** The group of this name, made at first use. */
export function groupNamed(state: SchedulerState, name: string, prefix: string): TaskGroup {
  let group = state.groups.get(name);
  if (group === undefined) {
    group = new TaskGroup(name, prefixNamed(state, prefix));
    state.groups.set(name, group);
  }
  return group;
}

/** Gives a task another state and keeps the counts of it. */
export function changeState(state: SchedulerState, task: Task, to: TaskStateName): void {
  const { prefix } = task.group;
  count(state, prefix, codeOf(task.state), -1);
  count(state, prefix, codeOf(to), 1);
  if (to === "erred") prefix.failed += 1;
  task.state = to;
}

function count(state: SchedulerState, prefix: TaskPrefix, code: number, by: 1 | -1): void {
  const { tasks } = state.counters;
  tasks[code] = (tasks[code] as number) + by;
  prefix.states[code] = (prefix.states[code] as number) + by;
}

/** A new task, which is released, belongs to the group. */
export function joinGroup(state: SchedulerState, group: TaskGroup): void {
  const { prefix } = group;
  // Whatever was empty may have been dropped since it was looked up.
  if (group.size === 0) state.groups.set(group.name, group);
  if (prefix.size === 0) state.prefixes.set(prefix.name, prefix);
  group.size += 1;
  prefix.size += 1;
  prefix.made += 1;
  count(state, prefix, codeOf("released"), 1);
}

/** A task of the group, in this state, is gone; the group goes with its last. */
export function leaveGroup(state: SchedulerState, group: TaskGroup, last: TaskStateName): void {
  const { prefix } = group;
  group.size -= 1;
  prefix.size -= 1;
  count(state, prefix, codeOf(last), -1);
  if (prefix.size === 0) prefix.made = prefix.failed = 0;
  if (group.size > 0) return;
  state.groups.delete(group.name);
  group.dependencies = new Set();
}

function dropUnusedPrefixes(state: SchedulerState): void {
  for (const prefix of state.prefixes.values()) {
    if (prefix.size === 0) state.prefixes.delete(prefix.name);
  }
}

/**
 * Whether tasks of a group start a computation: many of them, and hardly anything before them.
 * Such tasks are held back on the scheduler, so that what they produce is used before more is.
 */
export function isRootish(state: SchedulerState, group: TaskGroup): boolean {
  if (group.size <= 2 * state.totalThreads || group.dependencies.size >= 5) return false;
  let before = 0;
  for (const one of group.dependencies) before += one.size;
  return before < 5;
}
