// New tasks: in the table, in a group, under a constraint.
// Which tasks there are to be is decided where graphs are taken in; a new task is released, and no
// transition is recommended here.
import { keySplit, type TaskKey, wireKey } from "@acme/protocol";
import { Constraint, constraintId } from "./constraint.js";
import { groupNamed, joinGroup, leaveGroup, type TaskGroup } from "./groups.js";
import { openOf } from "./open-workers.js";
import type { SchedulerState } from "./state.js";
import { flag, isSet, Task } from "./task.js";
import { Slab, Template } from "./template.js";

/** The constraint with this content. */
export function internConstraint(state: SchedulerState, spec: Constraint["spec"]): Constraint {
  const id = constraintId(spec);
  let constraint = state.constraints.get(id);
  if (constraint === undefined) {
    constraint = new Constraint(id, spec, openOf(state, spec.lang ?? ""));
    state.constraints.set(id, constraint);
  }
  return constraint;
}

export function createTask(
  state: SchedulerState,
  key: TaskKey,
  group: TaskGroup,
  constraint: Constraint,
): Task {
  const task = new Task(key, group, constraint);
  state.tasks.add(task);
  joinGroup(state, group);
  // It may have been dropped since it was looked up.
  if (constraint.size === 0) state.constraints.set(constraint.id, constraint);
  constraint.size += 1;
  return task;
}

/** The inverse of {@link createTask}; what only this task used goes with it. */
export function dropTask(state: SchedulerState, task: Task): void {
  state.tasks.delete(task);
  if (isSet(task, flag.actor)) state.actors.delete(task);
  leaveGroup(state, task.group, task.state);
  task.constraint.size -= 1;
  if (task.constraint.size === 0) state.constraints.delete(task.constraint.id);
  if (task.spec instanceof Slab) leaveSlab(state, task.spec);
  task.spec = null;
}

function leaveSlab(state: SchedulerState, slab: Slab): void {
  slab.live -= 1;
  if (slab.live > 0) return;
  const templates = slab.templates instanceof Template ? [slab.templates] : slab.templates;
  for (const template of new Set(templates)) {
    template.slabs -= 1;
    if (template.slabs === 0) state.templates.delete(template.id);
  }
}

/**
 * Finds groups for the keys of one graph. Neighbours mostly differ in a number at the end, which
 * saves splitting each of them.
 */
export class GroupFinder {
  #stem = "";
  #group: TaskGroup | null = null;
  readonly #state: SchedulerState;

  constructor(state: SchedulerState) {
    this.#state = state;
  }

  groupOf(key: TaskKey): TaskGroup {
    const stem = numberedStem(key);
    if (stem !== "" && stem === this.#stem && this.#group !== null) return this.#group;
    const group = this.#find(key);
    this.#stem = stem;
    this.#group = group;
    return group;
  }

  #find(key: TaskKey): TaskGroup {
    const wire = wireKey(key);
    const prefix = keySplit(key);
    const head = Array.isArray(wire) ? wire[0] : null;
    return groupNamed(this.#state, typeof head === "string" ? head : prefix, prefix);
  }
}

/** `inc-a1b2-17` → `inc-a1b2-`; empty unless the key ends in a dash and digits. */
function numberedStem(key: string): string {
  let at = key.length;
  while (at > 0) {
    const code = key.charCodeAt(at - 1);
    if (code < 48 || code > 57) break;
    at -= 1;
  }
  return at < key.length && at > 1 && key.charCodeAt(at - 1) === 45 ? key.slice(0, at) : "";
}
