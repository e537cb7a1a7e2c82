// New tasks: in the table, in a group, under a constraint.
import { keySplit, type TaskKey, wireKey } from "@acme/protocol";
import { Constraint, constraintId } from "./constraint.js";
import { groupNamed, type TaskGroup } from "./groups.js";
import type { SchedulerState } from "./state.js";
import { Task } from "./task.js";

/** The constraint with this content. */
export function internConstraint(state: SchedulerState, spec: Constraint["spec"]): Constraint {
  const id = constraintId(spec);
  let constraint = state.constraints.get(id);
  if (constraint === undefined) {
    constraint = new Constraint(id, spec);
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
  state.counters.states.released += 1;
  state.groups.set(group.name, group);
  state.constraints.set(constraint.id, constraint);
  group.size += 1;
  group.prefix.size += 1;
  constraint.size += 1;
  return task;
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
