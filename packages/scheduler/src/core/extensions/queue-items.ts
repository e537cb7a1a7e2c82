// The items of one queue: put at the end, taken at the front, both in constant time.
// Counts what all queues hold; who waits for items is not known here.
import type { Turn } from "../turn.js";
import type { Queue, Stored } from "./state.js";

export const itemCount = ({ items, head }: Queue): number => items.length - head;

/** It has been counted when it came. */
export function pushItem(queue: Queue, item: Stored): void {
  queue.items.push(item);
}

export function takeItem(turn: Turn, queue: Queue): Stored | null {
  const item = queue.items[queue.head];
  if (item === undefined) return null;
  queue.head += 1;
  if (queue.head * 2 > queue.items.length) {
    queue.items = queue.items.slice(queue.head);
    queue.head = 0;
  }
  const { extensions } = turn.state;
  extensions.heldItems -= 1;
  extensions.heldBytes -= item.bytes;
  return item;
}

/** Items that were taken and not given to anybody go back to the front. */
export function putBack(turn: Turn, queue: Queue, taken: Stored[]): void {
  if (taken.length === 0) return;
  const { extensions } = turn.state;
  for (const { bytes } of taken) {
    extensions.heldItems += 1;
    extensions.heldBytes += bytes;
  }
  queue.items = [...taken.splice(0), ...queue.items.slice(queue.head)];
  queue.head = 0;
}
