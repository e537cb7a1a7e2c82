// Values going out: `get_data` from peers, bounded by how many are served at once. Spilled values
// are read back first; everything served is pinned until the peer has it.
import type { TaskKey, WireKey } from "@acme/protocol";
import { type Core, findTask } from "./context.js";
import type { RequestId } from "./events.js";
import type { Serving, Task } from "./task.js";
import { awaitValue, pin, unpin } from "./values.js";

export function dataRequested(core: Core, requestId: RequestId, keys: readonly WireKey[]): void {
  const { state } = core;
  const { outgoingConnections, outgoingConnectionsPaused } = state.limits;
  const limit = state.pausedFor.size > 0 ? outgoingConnectionsPaused : outgoingConnections;
  const tasks = heldTasks(core, keys);
  let nbytes = 0;
  for (const task of tasks) nbytes += task.nbytes;
  if (state.servings.size >= limit || isTooMuch(core, nbytes)) {
    core.out.replies.push({ requestId, reply: { status: "busy" } });
    return;
  }
  const serving: Serving = { requestId, tasks, nbytes, waiting: 0 };
  state.servings.set(requestId, serving);
  state.outgoingBytes += nbytes;
  for (const task of tasks) {
    pin(core, task);
    if (awaitValue(core, task, serving)) serving.waiting += 1;
  }
  serveIfLoaded(core, serving);
}

function heldTasks(core: Core, keys: readonly WireKey[]): Set<Task> {
  const tasks = new Set<Task>();
  for (const wire of keys) {
    const task = findTask(core, wire);
    if (task?.state === "memory") tasks.add(task);
  }
  return tasks;
}

// One request is always served, however large it is.
function isTooMuch({ state }: Core, nbytes: number): boolean {
  const limit = state.options.memoryLimitBytes;
  if (limit === null || state.servings.size === 0) return false;
  return state.outgoingBytes + nbytes > limit * state.limits.outgoingFraction;
}

/** A value that a request waits for is in memory. */
export function serveWith(core: Core, serving: Serving): void {
  serving.waiting -= 1;
  serveIfLoaded(core, serving);
}

/** A value that a request waits for is lost: it is answered without. */
export function serveWithout(core: Core, serving: Serving, task: Task): void {
  serving.tasks.delete(task);
  unpin(core, task);
  serveWith(core, serving);
}

function serveIfLoaded(core: Core, serving: Serving): void {
  if (serving.waiting > 0) return;
  const keys: TaskKey[] = [];
  for (const task of serving.tasks) if (task.place !== null) keys.push(task.key);
  core.out.store.push({ type: "serve", requestId: serving.requestId, keys });
  core.state.transfers.outgoing += 1;
}

/** The peer has it, or is gone. */
export function servingEnded(core: Core, requestId: RequestId): void {
  const serving = core.state.servings.get(requestId);
  if (serving === undefined) return;
  core.state.servings.delete(requestId);
  core.state.outgoingBytes -= serving.nbytes;
  for (const task of serving.tasks) {
    task.waiters?.delete(serving);
    unpin(core, task);
  }
}
