// How far a computation is: the tasks that some keys need, and which of them are done. Looked for now
// and then, and only at what was not done; who watches, and when, is in operations/watches.ts.
// Corresponds to Progress and MultiProgress of dask's diagnostics.
import { keySplit, type TaskKey, type WireKey } from "@acme/protocol";
import { each } from "./relations.js";
import type { SchedulerState } from "./state.js";
import type { Task } from "./task.js";

export interface Progress {
  /** Tasks that count, by prefix, and in all. */
  all: Map<string, number>;
  total: number;
  remaining: Set<TaskKey>;
  /** Where tasks are grouped by spans: the span of each; by prefix their keys tell it. */
  spanOf: ReadonlyMap<TaskKey, string> | null;
  /** dask's name and id of each span that counts. */
  spans: ReadonlyMap<string, Span>;
  /** Without these there is nothing to wait for. */
  targets: ReadonlySet<TaskKey>;
  status: "finished" | "error" | null;
  /** The task that failed or was cancelled (then without an exception). */
  error: { key: WireKey; exception: unknown } | null;
}

type Span = readonly [name: string, id: string];

/** What dask calls a span of tasks that were made in none. */
const noSpan: Span = ["default", "default"];

/** A program names its spans in annotations: all names of the nested ones, and their ids. */
function spanOfTask(task: Task): Span {
  const annotations: unknown = task.rare?.annotations;
  const span = annotations instanceof Map ? (annotations.get("span") as unknown) : undefined;
  if (!(span instanceof Map)) return noSpan;
  const [names, ids] = [span.get("name"), span.get("ids")] as unknown[];
  if (!Array.isArray(names) || !Array.isArray(ids)) return noSpan;
  return [names.join(", "), String(ids.at(-1))];
}

/**
 * Begins to watch; null as long as not all of the keys are known.
 *
 * @param complete - what is done already counts too
 * @param bySpans - group tasks by the spans of the program that made them, not by prefix
 */
export function beginProgress(
  state: SchedulerState,
  keys: readonly TaskKey[],
  complete: boolean,
  bySpans: boolean,
): Progress | null {
  const tasks: Task[] = [];
  for (const key of keys) {
    const task = state.tasks.get(key);
    if (task === undefined) return null;
    tasks.push(task);
  }
  const counted = needed(tasks, complete);
  for (const task of tasks) counted.add(task);
  const all = new Map<string, number>();
  const spanOf = bySpans ? new Map<TaskKey, string>() : null;
  const spans = new Map<string, Span>();
  for (const task of counted) {
    let name = task.group.prefix.name;
    if (spanOf !== null) {
      const span = spanOfTask(task);
      name = span[1];
      spans.set(name, span);
      spanOf.set(task.key, name);
    }
    all.set(name, (all.get(name) ?? 0) + 1);
  }
  const remaining = new Set<TaskKey>();
  for (const { key } of complete ? needed(tasks, false) : counted) remaining.add(key);
  const targets = new Set(keys);
  const total = counted.size;
  return { all, total, remaining, spanOf, spans, targets, status: null, error: null };
}

/** All tasks that these need, themselves included; without `complete` those that are not done. */
function needed(tasks: readonly Task[], complete: boolean): Set<Task> {
  const found = new Set<Task>();
  const stack = [...tasks];
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    if (found.has(task) || (!complete && task.whoHas !== null)) continue;
    found.add(task);
    if (!complete && task.state === "erred") continue;
    for (const dependency of each(task.dependencies)) stack.push(dependency);
  }
  return found;
}

/** Looks what has been done since. A failure is told with all that was done before it. */
export function followProgress(state: SchedulerState, progress: Progress): void {
  if (progress.status !== null) return;
  const { remaining, targets } = progress;
  for (const key of remaining) {
    const task = state.tasks.get(key);
    if (task?.state === "erred") {
      fail(progress, task.wire, task.rare?.blame?.rare?.exception ?? task.rare?.exception);
    } else if (task === undefined && targets.has(key)) {
      // One that nobody needs any more has been used; it may be gone, unless it is what was wanted.
      fail(progress, key, true);
    } else if (task === undefined || task.state === "memory" || task.state === "released") {
      remaining.delete(key);
    }
  }
  if (remaining.size === 0) progress.status = "finished";
}

/** The first to fail is the one that is told of. */
function fail(progress: Progress, key: WireKey, exception: unknown): void {
  if (progress.error !== null) return;
  progress.status = "error";
  progress.error = { key, exception: exception ?? true };
}

/** Every prefix or span that counts, those that are done with 0. */
export function remainingByGroup({ all, remaining, spanOf }: Progress): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of all.keys()) counts.set(name, 0);
  for (const key of remaining) {
    const name = spanOf?.get(key) ?? keySplit(key);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
