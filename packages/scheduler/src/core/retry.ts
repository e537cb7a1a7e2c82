// A client asks for erred tasks to be tried again: from the tasks that really failed downwards.
// What a task does once it is tried again is the task machine's business. Corresponds to
// stimulus_retry of dask's scheduler.py.
import { taskKey, type WireKey } from "@acme/protocol";
import type { CoreRequest, RequestId } from "./events.js";
import { announce } from "./operations/announce.js";
import { each } from "./relations.js";
import type { Task } from "./task.js";
import { isActive } from "./transitions/active.js";
import { recommendRelease, settle, transition } from "./transitions/engine.js";
import { reply, stimulate, type Turn } from "./turn.js";

type Retry = Extract<CoreRequest, { op: "retry" }>;

export function retry(turn: Turn, requestId: RequestId, request: Retry): void {
  stimulate(turn, "retry");
  const { client } = request;
  if (client !== undefined) announce(turn, [client], "retry", { count: request.keys.length });
  const stack: Task[] = [];
  for (const wire of request.keys) {
    const task = turn.state.tasks.get(taskKey(wire));
    if (task !== undefined) stack.push(task);
  }
  const seen = new Set<Task>();
  const roots: Task[] = [];
  const keys: WireKey[] = [];
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    if (seen.has(task)) continue;
    seen.add(task);
    keys.push(task.wire);
    let isRoot = true;
    for (const dependency of each(task.dependencies)) {
      if (dependency.state !== "erred") continue;
      isRoot = false;
      stack.push(dependency);
    }
    if (isRoot && task.state === "erred") roots.push(task);
  }
  // Directly: nobody needs a root before what failed with it waits again.
  for (const task of roots) transition(turn, task, "waiting");
  settle(turn);
  for (const task of roots) if (isActive(task.state)) recommendRelease(turn, task);
  settle(turn);
  reply(turn, requestId, keys);
}
