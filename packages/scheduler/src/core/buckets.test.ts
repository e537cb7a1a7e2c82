// When a worker that was full is open for more: one of ours at once, one of Python's when half of
// many short tasks are done.
import { expect, it } from "vitest";
import { Buckets, refile } from "./buckets.js";
import type { Task } from "./task.js";
import type { WorkerState } from "./worker-state.js";

const budgetUs = 10_000;

/** A worker of one thread that was filled with tasks and has so many left. */
function afterFull(acme: number, tasks: number, left: number): WorkerState {
  const processing = new Set<Task>(Array.from({ length: tasks }, () => ({}) as Task));
  const worker = { acme, processing, nthreads: 1, longRunning: 0, bucket: -1 } as WorkerState;
  Object.assign(worker, { status: "running", leaving: false, reservedFor: null });
  const buckets = new Buckets();
  worker.loadUs = budgetUs;
  refile(buckets, worker);
  for (const task of [...processing].slice(left)) processing.delete(task);
  worker.loadUs = (budgetUs * left) / tasks;
  refile(buckets, worker);
  return worker;
}

it.each([
  ["ours, short tasks", 1, 100, 99, true],
  ["Python's, short tasks", 0, 100, 99, false],
  ["Python's, half of them done", 0, 100, 50, true],
  ["Python's, few tasks", 0, 5, 4, true],
])("%s", (_, acme, tasks, left, isOpen) => {
  expect(afterFull(acme, tasks, left).bucket >= 0).toBe(isOpen);
});
