// Many tasks of one owner. One Set of millions stalls for a second when it grows, so tasks lie in
// small ones by their order; a set that is empty is dropped. Iterates in order of creation, and
// bears that what it is at is deleted.
import type { Task } from "./task.js";

/** Orders that share one set: as bits. */
const shardBits = 14;

export class TaskSet {
  shards: Map<number, Set<Task>> = new Map();
  size = 0;

  has(task: Task): boolean {
    return this.shards.get(task.order >> shardBits)?.has(task) === true;
  }

  add(task: Task): void {
    const number = task.order >> shardBits;
    let shard = this.shards.get(number);
    if (shard === undefined) {
      shard = new Set();
      this.shards.set(number, shard);
    }
    const before = shard.size;
    shard.add(task);
    this.size += shard.size - before;
  }

  delete(task: Task): boolean {
    const number = task.order >> shardBits;
    const shard = this.shards.get(number);
    if (shard === undefined || !shard.delete(task)) return false;
    this.size -= 1;
    if (shard.size === 0) this.shards.delete(number);
    return true;
  }

  *[Symbol.iterator](): IterableIterator<Task> {
    for (const shard of this.shards.values()) yield* shard;
  }
}
