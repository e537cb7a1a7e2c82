// All tasks by key. Sharded: one Map stalls for seconds when it grows and refuses 2^24 entries.
// Callers do not see how it stores.
import type { TaskKey } from "@acme/protocol";
import type { Task } from "./task.js";

const shardCount = 256;

export class TaskTable {
  shards: Map<TaskKey, Task>[] = Array.from({ length: shardCount }, () => new Map());
  size = 0;

  get(key: TaskKey): Task | undefined {
    return (this.shards[shardOf(key)] as Map<TaskKey, Task>).get(key);
  }

  add(task: Task): void {
    (this.shards[shardOf(task.key)] as Map<TaskKey, Task>).set(task.key, task);
    this.size += 1;
  }

  delete(task: Task): void {
    if ((this.shards[shardOf(task.key)] as Map<TaskKey, Task>).delete(task.key)) this.size -= 1;
  }

  *keys(): IterableIterator<TaskKey> {
    for (const shard of this.shards) yield* shard.keys();
  }

  *values(): IterableIterator<Task> {
    for (const shard of this.shards) yield* shard.values();
  }
}

// The last characters differ most between the keys of one map.
function shardOf(key: string): number {
  const end = key.length;
  const a = end > 0 ? key.charCodeAt(end - 1) : 0;
  const b = end > 1 ? key.charCodeAt(end - 2) : 0;
  const c = end > 2 ? key.charCodeAt(end - 3) : 0;
  return (a * 31 + b * 17 + c * 7 + end) & (shardCount - 1);
}
