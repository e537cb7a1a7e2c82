// A binary heap of items by a number, smallest first. Numbers lie in an array of their own, so a
// comparison touches no item. Plain data: save and load walk it.

export class PriorityHeap<T> {
  orders: number[] = [];
  items: T[] = [];
}

export function heapPush<T>(heap: PriorityHeap<T>, order: number, item: T): void {
  const { orders, items } = heap;
  let at = items.length;
  orders.push(order);
  items.push(item);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if ((orders[parent] as number) <= order) break;
    orders[at] = orders[parent] as number;
    items[at] = items[parent] as T;
    at = parent;
  }
  orders[at] = order;
  items[at] = item;
}

/** Removes the smallest; the heap must not be empty. */
export function heapPop<T>(heap: PriorityHeap<T>): T {
  const { orders, items } = heap;
  const top = items[0] as T;
  const order = orders.pop() as number;
  const item = items.pop() as T;
  const length = items.length;
  if (length === 0) return top;
  let at = 0;
  for (let child = 1; child < length; child = 2 * at + 1) {
    const right = child + 1;
    if (right < length && (orders[right] as number) < (orders[child] as number)) child = right;
    if ((orders[child] as number) >= order) break;
    orders[at] = orders[child] as number;
    items[at] = items[child] as T;
    at = child;
  }
  orders[at] = order;
  items[at] = item;
  return top;
}
