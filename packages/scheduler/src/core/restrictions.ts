// Restrictions that change after submission: resources of a worker, workers of a task.
// Placement itself is left to the task machine. Corresponds to add_resources and set_restrictions
// of dask's scheduler.py.
import { taskKey, type WireKey } from "@acme/protocol";
import { internConstraint } from "./create-task.js";
import { flag, type Task } from "./task.js";
import { recommend, settle } from "./transitions/engine.js";
import { stimulate, type Turn } from "./turn.js";
import { named } from "./view.js";
import { changed } from "./workers.js";

export function setResources(
  turn: Turn,
  address: string,
  resources: ReadonlyMap<string, number>,
): void {
  for (const worker of named(turn.state, [address])) {
    for (const [name, amount] of resources) worker.resources.set(name, amount);
    changed(turn, worker);
  }
}

/** Tasks that run keep running; the others are placed anew. null lifts the restriction. */
export function setRestrictions(
  turn: Turn,
  restrictions: ReadonlyMap<WireKey, readonly string[] | null>,
): void {
  stimulate(turn, "set-restrictions");
  for (const [wire, workers] of restrictions) {
    const task = turn.state.tasks.get(taskKey(wire));
    if (task === undefined) continue;
    if (task.state === "queued" || task.state === "no-worker") recommend(turn, task, "released");
    // Out of its queue before the queue changes.
    settleWithout(turn, task, workers);
  }
  settle(turn);
}

function settleWithout(turn: Turn, task: Task, workers: readonly string[] | null): void {
  settle(turn);
  const { workers: _, ...spec } = task.constraint.spec;
  const next = internConstraint(
    turn.state,
    workers === null ? spec : { ...spec, workers: [...workers] },
  );
  const before = task.constraint;
  if (next === before) return;
  task.constraint = next;
  task.flags &= ~flag.inQueue;
  next.size += 1;
  before.size -= 1;
  if (before.size === 0) turn.state.constraints.delete(before.id);
}
