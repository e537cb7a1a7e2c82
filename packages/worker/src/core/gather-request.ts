// The rpc `gather`: the scheduler asks us to copy values from other workers here. Parked until
// each key has arrived or has no holder left.
import type { WireKey, WorkerAddress } from "@acme/protocol";
import { dropUnwanted, wantInput } from "./computation.js";
import { type Core, obtainTask } from "./context.js";
import type { RequestId } from "./events.js";
import { addHolders } from "./holders.js";
import type { Asking, Task } from "./task.js";

export function gatherRequested(
  core: Core,
  requestId: RequestId,
  whoHas: ReadonlyMap<WireKey, readonly string[]>,
): void {
  const asking: Asking = { requestId, awaited: new Set(), failed: [] };
  core.state.askings.set(requestId, asking);
  const wanted: Task[] = [];
  for (const [wire, holders] of whoHas) {
    const task = obtainTask(core, wire);
    if (task.state === "memory") continue;
    task.askings ??= new Set();
    task.askings.add(asking);
    asking.awaited.add(task);
    addHolders(core, task, holders as readonly WorkerAddress[]);
    wanted.push(task);
  }
  for (const task of wanted) {
    wantInput(core, task);
    if (task.state === "missing") settleAskings(core, task, false);
  }
  answerIfDone(core, asking);
}

/** The peer that asked is gone. */
export function gatherGone(core: Core, requestId: RequestId): void {
  const asking = core.state.askings.get(requestId);
  if (asking === undefined) return;
  core.state.askings.delete(requestId);
  for (const task of asking.awaited) {
    task.askings?.delete(asking);
    if (task.askings?.size === 0) task.askings = null;
    dropUnwanted(core, task);
  }
}

/** A key that requests wait for has arrived, or will not. */
export function settleAskings(core: Core, task: Task, arrived: boolean): void {
  const askings = task.askings ?? [];
  task.askings = null;
  for (const asking of askings) {
    asking.awaited.delete(task);
    if (!arrived) asking.failed.push(task.wire);
    answerIfDone(core, asking);
  }
}

function answerIfDone(core: Core, asking: Asking): void {
  if (asking.awaited.size > 0 || !core.state.askings.delete(asking.requestId)) return;
  const reply =
    asking.failed.length === 0 ? { status: "OK" } : { status: "partial-fail", keys: asking.failed };
  core.out.replies.push({ requestId: asking.requestId, reply });
}
