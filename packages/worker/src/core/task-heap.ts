// A binary heap of tasks by priority that can also take one out of its middle: a task knows its
// place in the heap. A task is in one heap at most.
import { assert } from "@acme/protocol";
import type { Task } from "./task.js";

/** Negative: `a` goes first. Numbers of the scheduler, then the order of arrival. */
export function comparePriority(a: Task, b: Task): number {
  const left = a.priority;
  const right = b.priority;
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const difference = (left[i] as number) - (right[i] as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length || a.sequence - b.sequence;
}

export class TaskHeap {
  readonly #items: Task[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** The task that goes first. */
  peek(): Task | undefined {
    return this.#items[0];
  }

  push(task: Task): void {
    assert(task.heapIndex === -1, "a task is in one heap at most");
    this.#items.push(task);
    this.#up(this.#items.length - 1, task);
  }

  remove(task: Task): void {
    const at = task.heapIndex;
    assert(this.#items[at] === task, "a task is removed from the heap it is in");
    task.heapIndex = -1;
    const last = this.#items.pop() as Task;
    if (last === task) return;
    const parent = this.#items[(at - 1) >> 1];
    if (at > 0 && comparePriority(last, parent as Task) < 0) this.#up(at, last);
    else this.#down(at, last);
  }

  has(task: Task): boolean {
    return task.heapIndex >= 0 && this.#items[task.heapIndex] === task;
  }

  /** In no particular order. */
  values(): IterableIterator<Task> {
    return this.#items.values();
  }

  #up(from: number, task: Task): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#items[above] as Task;
      if (comparePriority(task, parent) >= 0) break;
      this.#put(at, parent);
      at = above;
    }
    this.#put(at, task);
  }

  #down(from: number, task: Task): void {
    const size = this.#items.length;
    let at = from;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      const right = child + 1;
      if (right < size && comparePriority(this.#items[right]!, this.#items[child]!) < 0) {
        child = right;
      }
      const below = this.#items[child] as Task;
      if (comparePriority(task, below) <= 0) break;
      this.#put(at, below);
      at = child;
    }
    this.#put(at, task);
  }

  #put(at: number, task: Task): void {
    this.#items[at] = task;
    task.heapIndex = at;
  }
}
