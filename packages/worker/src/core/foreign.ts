// Tasks that only Python can run and that came here all the same: a scheduler of dask's knows no
// languages and gives any worker any task. They are held for others to steal, given back now and
// then, and at last fail with what to do. A scheduler of our own never sends one by mistake.
import type { TaskKey } from "@acme/protocol";
import { giveUp } from "./compute-task.js";
import { type Core, send } from "./context.js";
import { pythonConstraint, pythonResources, type Task } from "./task.js";

/** Who asks for this wants a worker like this one. */
const ourResource = "LANG-js";

/**
 * An order turned out to be Python's: from now on nothing here suffices for it.
 *
 * @returns false if holding it would help nobody
 */
export function holdForeign(core: Core, task: Task): boolean {
  const { state } = core;
  const { computation } = task;
  const isMeant = state.acme || computation?.resources?.has(ourResource) === true;
  if (computation === null || isMeant || state.options.resources.has("LANG-py")) return false;
  const rounds = state.foreignRounds.get(task.key) ?? 0;
  if (rounds >= state.limits.foreignRounds) {
    state.foreignRounds.delete(task.key);
    return false;
  }
  countRound(core, task.key, rounds + 1);
  computation.resources = pythonResources;
  computation.constraint = pythonConstraint;
  return true;
}

function countRound({ state }: Core, key: TaskKey, rounds: number): void {
  state.foreignRounds.delete(key);
  state.foreignRounds.set(key, rounds);
  if (state.foreignRounds.size <= state.limits.foreignKeysKept) return;
  const [oldest] = state.foreignRounds.keys();
  if (oldest !== undefined) state.foreignRounds.delete(oldest);
}

/**
 * Gives back what nobody stole for long enough. Dask's scheduler picks the worker with least to do,
 * which would be this one again, or another like it: so it is said to be paused for a while, until
 * the others of its kind have given the task back too.
 */
export function giveBackForeign(core: Core): void {
  const { state, nowMs, stimulusId: stimulus_id } = core;
  const due = [...state.foreign].filter(([, untilMs]) => nowMs >= untilMs);
  if (due.length > 0) {
    if (state.status === "running") {
      send(core, { op: "worker-status-change", status: "paused", stimulus_id });
      state.steppedAsideUntilMs = nowMs + state.limits.foreignAsideMs;
    }
    for (const [task] of due) {
      send(core, { op: "reschedule", key: task.wire, stimulus_id });
      giveUp(core, task);
    }
  } else if (state.steppedAsideUntilMs !== null && nowMs >= state.steppedAsideUntilMs) {
    state.steppedAsideUntilMs = null;
    if (state.status !== "running") return;
    send(core, { op: "worker-status-change", status: "running", stimulus_id });
  }
}
