// Tasks that wait on the scheduler for an open slot, best priority first: one binary heap of
// numbers per distinct user priority. Removal is lazy: whoever pops skips tasks that are no
// longer queued, and a heap that is mostly stale is rebuilt.
import { flag, type Task } from "./task.js";

class Heap {
  readonly userPriority: number;
  orders: number[] = [];
  tasks: Task[] = [];

  constructor(userPriority: number) {
    this.userPriority = userPriority;
  }
}

export class ReadyQueue {
  /** Largest user priority first. */
  heaps: Heap[] = [];
  /** Tasks that are really queued. */
  size = 0;
  entries = 0;
}

export { Heap as ReadyHeap };

const isLive = (task: Task): boolean => task.state === "queued";

export function enqueue(queue: ReadyQueue, task: Task): void {
  queue.size += 1;
  if ((task.flags & flag.inQueue) !== 0) return;
  task.flags |= flag.inQueue;
  queue.entries += 1;
  push(heapFor(queue, task.userPriority), task);
}

/** A queued task left the queue by another way than {@link dequeue}. */
export function forgetQueued(queue: ReadyQueue): void {
  queue.size -= 1;
  if (queue.entries > 1024 && queue.size < queue.entries / 4) rebuild(queue);
}

/** The best queued task without taking it. */
export function peek(queue: ReadyQueue): Task | null {
  if (queue.size === 0) return null;
  for (const heap of queue.heaps) {
    while (heap.tasks.length > 0) {
      const task = heap.tasks[0] as Task;
      if (isLive(task)) return task;
      dropTop(queue, heap);
    }
  }
  return null;
}

/** Takes the best queued task; the caller changes its state at once. */
export function dequeue(queue: ReadyQueue): Task | null {
  const task = peek(queue);
  if (task === null) return null;
  const heap = queue.heaps.find((one) => one.userPriority === task.userPriority) as Heap;
  dropTop(queue, heap);
  queue.size -= 1;
  return task;
}

/** All queued tasks, in no order. */
export function* queued(queue: ReadyQueue): Iterable<Task> {
  for (const heap of queue.heaps) for (const task of heap.tasks) if (isLive(task)) yield task;
}

function heapFor(queue: ReadyQueue, userPriority: number): Heap {
  const heaps = queue.heaps;
  let at = 0;
  while (at < heaps.length && (heaps[at] as Heap).userPriority > userPriority) at += 1;
  const found = heaps[at];
  if (found !== undefined && found.userPriority === userPriority) return found;
  const heap = new Heap(userPriority);
  heaps.splice(at, 0, heap);
  return heap;
}

function push(heap: Heap, task: Task): void {
  const { orders, tasks } = heap;
  const order = task.order;
  let at = tasks.length;
  orders.push(order);
  tasks.push(task);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if ((orders[parent] as number) <= order) break;
    orders[at] = orders[parent] as number;
    tasks[at] = tasks[parent] as Task;
    at = parent;
  }
  orders[at] = order;
  tasks[at] = task;
}

function dropTop(queue: ReadyQueue, heap: Heap): void {
  const top = heap.tasks[0] as Task;
  top.flags &= ~flag.inQueue;
  queue.entries -= 1;
  const order = heap.orders.pop() as number;
  const task = heap.tasks.pop() as Task;
  if (heap.tasks.length > 0) sink(heap, order, task);
  else if (queue.heaps.length > 1) queue.heaps.splice(queue.heaps.indexOf(heap), 1);
}

function sink(heap: Heap, order: number, task: Task): void {
  const { orders, tasks } = heap;
  const length = tasks.length;
  let at = 0;
  for (let child = 1; child < length; child = 2 * at + 1) {
    const right = child + 1;
    if (right < length && (orders[right] as number) < (orders[child] as number)) child = right;
    if ((orders[child] as number) >= order) break;
    orders[at] = orders[child] as number;
    tasks[at] = tasks[child] as Task;
    at = child;
  }
  orders[at] = order;
  tasks[at] = task;
}

function rebuild(queue: ReadyQueue): void {
  const live = [...queued(queue)].sort((a, b) => a.order - b.order);
  for (const heap of queue.heaps) for (const task of heap.tasks) task.flags &= ~flag.inQueue;
  queue.heaps = [];
  queue.entries = 0;
  queue.size = 0;
  for (const task of live) enqueue(queue, task);
}
