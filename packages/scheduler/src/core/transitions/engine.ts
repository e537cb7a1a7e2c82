// The engine of the task machine: recommendations are worked off last in, first out until none is
// left. A transition changes one task and recommends states for others. Waiting tasks that became
// ready are only listed here; `place.ts` decides about all of them at the end of the step.
import { assert } from "@acme/protocol";
import { barrierMoved } from "../extensions/shuffle/end.js";
import { changeState } from "../groups.js";
import { noteCause, recordAt } from "../story.js";
import { flag, recommendationShift, type Task, type TaskStateName } from "../task.js";
import type { Turn } from "../turn.js";
import { isNeeded } from "./active.js";
import { codeOf, edge, isEdge, stateNames } from "./table.js";
import { toErred } from "./to-erred.js";
import { toForgotten } from "./to-forgotten.js";
import { toReleased } from "./to-released.js";
import { toWaiting } from "./to-waiting.js";

const recommendationMask = 15 << recommendationShift;
/** Stands for "released, if nobody needs it". */
const releaseCode = 9;

/** Wants a task in a state; a later wish for the same task replaces an earlier one. */
export function recommend(turn: Turn, task: Task, target: TaskStateName): void {
  if ((task.flags & recommendationMask) === 0) turn.recommended.push(task);
  task.flags = (task.flags & ~recommendationMask) | ((codeOf(target) + 1) << recommendationShift);
}

/**
 * Wants a task released unless somebody needs it by the time its turn comes. Erred tasks stay:
 * they explain the errors of others.
 */
export function recommendRelease(turn: Turn, task: Task): void {
  if ((task.flags & recommendationMask) !== 0) return;
  turn.recommended.push(task);
  task.flags |= releaseCode << recommendationShift;
}

/** It is among the tasks that go to waiting in this step. */
export const isToBeTried = (task: Task): boolean =>
  (task.flags & recommendationMask) >> recommendationShift === codeOf("waiting") + 1;

function takeRecommendation(task: Task): TaskStateName | null {
  const code = (task.flags & recommendationMask) >> recommendationShift;
  if (code === 0) return null;
  task.flags &= ~recommendationMask;
  if (code === releaseCode) {
    return isNeeded(task) || task.state === "erred" ? null : "released";
  }
  const target = stateNames[code - 1] as TaskStateName;
  // Whoever needed it may have given up since.
  return target === "waiting" && !isNeeded(task) ? "released" : target;
}

/** Works off all recommendations. */
export function settle(turn: Turn): void {
  const list = turn.recommended;
  for (let task = list.pop(); task !== undefined; task = list.pop()) {
    const target = takeRecommendation(task);
    if (target !== null) transition(turn, task, target);
  }
}

/** Takes one task to a state, through `released` if there is no direct edge. */
export function transition(turn: Turn, task: Task, target: TaskStateName): void {
  const start = task.state;
  if (start === target || start === "forgotten") return;
  if (start === "waiting" && target === "processing") {
    listReady(turn, task);
    return;
  }
  if (isEdge(edge(start, target))) {
    follow(turn, task, target);
    return;
  }
  assert(start !== "released" && target !== "released", `no way from ${start} to ${target}`);
  follow(turn, task, "released");
  // What the release itself asked for comes before what the caller wanted.
  const next = takeRecommendation(task) ?? target;
  if (next !== "released") transition(turn, task, next);
}

function follow(turn: Turn, task: Task, target: TaskStateName): void {
  switch (target) {
    case "released":
      toReleased(turn, task);
      return;
    case "waiting":
      toWaiting(turn, task);
      return;
    case "erred":
      toErred(turn, task);
      return;
    case "forgotten":
      toForgotten(turn, task);
      return;
    default:
      assert(false, `a task cannot be recommended ${target} from ${task.state}`);
  }
}

/** Changes the state of a task: the only place that does. */
export function enter(turn: Turn, task: Task, to: TaskStateName): void {
  const from = task.state;
  const { counters, story } = turn.state;
  const number = edge(from, to);
  if (!isEdge(number)) assert(false, `no edge from ${from} to ${to}`);
  counters.edges[number] = (counters.edges[number] as number) + 1;
  counters.transitions += 1;
  recordAt(story, task.key, from, to);
  noteCause(story, turn.stimulus, turn.nowMs);
  changeState(turn.state, task, to);
  touch(turn, task);
  if ((task.flags & flag.barrier) !== 0) barrierMoved(turn, task, from);
}

/** Marks a task as changed in this step. */
export function touch(turn: Turn, task: Task): void {
  if (turn.touched === null || (task.flags & flag.touched) !== 0) return;
  task.flags |= flag.touched;
  turn.touched.push(task);
}

/** Lists a waiting task whose dependencies are all in memory. */
export function listReady(turn: Turn, task: Task): void {
  if ((task.flags & flag.inReady) !== 0) return;
  task.flags |= flag.inReady;
  turn.state.ready.push(task);
}
