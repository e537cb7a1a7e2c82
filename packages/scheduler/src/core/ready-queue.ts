// Tasks that wait on the scheduler for an open slot, best priority first: one heap per distinct
// user priority. Removal is lazy: whoever pops skips tasks that are no longer queued, and a queue
// that is mostly stale is rebuilt.
import { heapPop, heapPush, PriorityHeap } from "./priority-heap.js";
import { flag, type Task } from "./task.js";

interface Level {
  userPriority: number;
  heap: PriorityHeap<Task>;
}

export class ReadyQueue {
  /** Largest user priority first. */
  levels: Level[] = [];
  /** Tasks that are really queued. */
  size = 0;
  /** Entries, stale ones included. */
  entries = 0;
}

// A task that was given another constraint leaves its old entry behind.
const isLive = (queue: ReadyQueue, task: Task): boolean =>
  task.state === "queued" && (task.flags & flag.lonely) === 0 && task.constraint.queue === queue;

/** Adds a task that is in state `queued` from now on. */
export function enqueue(queue: ReadyQueue, task: Task): void {
  queue.size += 1;
  if ((task.flags & flag.inQueue) !== 0) return;
  task.flags |= flag.inQueue;
  queue.entries += 1;
  heapPush(levelFor(queue, task.userPriority).heap, task.order, task);
}

/** A queued task left the queue by another way than {@link dequeue}. */
export function dropQueued(queue: ReadyQueue): void {
  queue.size -= 1;
  if (queue.entries > 1024 && queue.size < queue.entries / 4) rebuild(queue);
}

/** The best queued task, without taking it. */
export function peek(queue: ReadyQueue): Task | null {
  while (queue.levels.length > 0) {
    const level = queue.levels[0] as Level;
    const task = level.heap.items[0];
    if (task === undefined) queue.levels.shift();
    else if (isLive(queue, task)) return task;
    else dropTop(queue, level);
  }
  return null;
}

/** Takes the best queued task; the caller moves it out of `queued` at once, and counts it out. */
export function dequeue(queue: ReadyQueue): Task | null {
  const task = peek(queue);
  if (task !== null) dropTop(queue, queue.levels[0] as Level);
  return task;
}

/** All queued tasks, in no order. */
export function* queuedTasks(queue: ReadyQueue): IterableIterator<Task> {
  for (const level of queue.levels)
    for (const task of level.heap.items) if (isLive(queue, task)) yield task;
}

function dropTop(queue: ReadyQueue, level: Level): void {
  const task = heapPop(level.heap);
  if (task.constraint.queue === queue) task.flags &= ~flag.inQueue;
  queue.entries -= 1;
}

function levelFor(queue: ReadyQueue, userPriority: number): Level {
  const levels = queue.levels;
  let at = 0;
  while (at < levels.length && (levels[at] as Level).userPriority > userPriority) at += 1;
  const found = levels[at];
  if (found !== undefined && found.userPriority === userPriority) return found;
  const level = { userPriority, heap: new PriorityHeap<Task>() };
  levels.splice(at, 0, level);
  return level;
}

function rebuild(queue: ReadyQueue): void {
  const live = [...new Set(queuedTasks(queue))].sort((a, b) => a.order - b.order);
  for (const level of queue.levels) {
    for (const task of level.heap.items) {
      if (task.constraint.queue === queue) task.flags &= ~flag.inQueue;
    }
  }
  queue.levels = [];
  queue.entries = 0;
  queue.size = 0;
  for (const task of live) enqueue(queue, task);
}
