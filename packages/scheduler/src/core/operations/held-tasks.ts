// The tasks that a request names, as far as somebody holds their values.
// Changes nothing; what becomes of keys that nobody holds is for the asker to say.
import { taskKey, type WireKey } from "@acme/protocol";
import type { SchedulerState } from "../state.js";
import type { Task } from "../task.js";

export interface HeldTasks {
  tasks: Task[];
  /** Keys that nobody holds. */
  missing: WireKey[];
}

export function heldTasks(state: SchedulerState, keys: readonly WireKey[]): HeldTasks {
  const tasks = new Set<Task>();
  const missing: WireKey[] = [];
  for (const key of keys) {
    const task = state.tasks.get(taskKey(key));
    if (task === undefined || task.whoHas === null) missing.push(key);
    else tasks.add(task);
  }
  return { tasks: [...tasks], missing };
}
