// → erred. The error itself lies in `rare.blame` of the task: its own, or that of the task that
// failed before it. Waiters inherit it. Corresponds to dask's _propagate_erred.
import { Serialized } from "@acme/protocol";
import type { ClientState } from "../client-state.js";
import { collect } from "../extensions/collectors.js";
import { forgetFired } from "../extensions/pseudo-client.js";
import { land } from "../flight.js";
import { copyOf, each } from "../relations.js";
import { removeAllReplicas } from "../replicas.js";
import { thrownInJs } from "../scheduler-errors.js";
import { type Rare, rareOf, type Task } from "../task.js";
import { freeKey, type Turn, toClient } from "../turn.js";
import { isActive, stopWaiting } from "./active.js";
import { enter, recommend } from "./engine.js";
import { forgetUnlessUseful, leaveQueue } from "./to-released.js";

export function toErred(turn: Turn, task: Task): void {
  const from = task.state;
  if (from === "processing") land(turn, task);
  else if (from === "queued") leaveQueue(turn, task);
  else if (from === "no-worker") task.constraint.unrunnable.delete(task);
  else if (from === "memory") {
    for (const worker of each(task.whoHas)) freeKey(turn, worker, task.key);
    removeAllReplicas(turn, task);
  }
  enter(turn, task, "erred");
  turn.state.counters.erred += 1;
  collect(turn.state.extensions, task);
  const blame = rareOf(task).blame ?? task;
  rareOf(task).blame = blame;
  for (const dependent of copyOf(task.dependents)) {
    const inherits = isActive(dependent.state) || dependent.state === "released";
    if (!inherits || dependent.whoHas !== null) continue;
    rareOf(dependent).blame = blame;
    recommend(turn, dependent, "erred");
  }
  if (isActive(from)) stopWaiting(turn, task);
  if (task.whoWants === null) {
    forgetUnlessUseful(turn, task);
    return;
  }
  for (const client of each(task.whoWants)) toClient(turn, client, erredMessage(task, client));
  forgetFired(turn, task);
}

/** The report of an erred task; a Python client cannot open what only our clients can. */
export function erredMessage(task: Task, { acme }: ClientState) {
  const { rare } = task.rare?.blame ?? task;
  const exception = rare?.exception ?? new Uint8Array(0);
  const isClosed = acme === 0 && exception instanceof Serialized && exception.isAcme;
  return {
    op: "task-erred" as const,
    key: task.wire,
    exception: isClosed ? thrownInJs(rare as Rare) : exception,
    traceback: isClosed ? null : (rare?.traceback ?? null),
  };
}
