// What every room of the core is handed during one step, and the few words all of them use.
// Holds no rules: what a task does next is for the rooms that are handed this.
import {
  ownKey,
  type TaskKey,
  taskKey,
  type WireKey,
  type WorkerToScheduler,
  wireKey,
} from "@acme/protocol";
import type { LogEntry, Outbox } from "./outbox.js";
import type { WorkerState } from "./state.js";
import { Task } from "./task.js";

export interface Core {
  readonly state: WorkerState;
  readonly out: Outbox;
  readonly nowMs: number;
  /** Names this step in messages to the scheduler. */
  readonly stimulusId: string;
  /** What is being handled, for the story. */
  cause: string;
}

/** Sends to the scheduler; without one the message has no meaning and is dropped. */
export function send(core: Core, message: WorkerToScheduler): void {
  if (core.state.link !== null) core.out.toScheduler.push(message);
}

export function log(
  core: Core,
  level: LogEntry["level"],
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  core.out.log.push({ level, message, fields });
}

export const findTask = (core: Core, wire: WireKey): Task | undefined =>
  core.state.tasks.get(taskKey(wire));

/** The task of a key; made, and `released`, when it is not known. */
export function obtainTask(core: Core, wire: WireKey): Task {
  const key: TaskKey = taskKey(wire);
  let task = core.state.tasks.get(key);
  if (task === undefined) {
    const own = ownKey(key);
    task = new Task(own, wireKey(own));
    core.state.tasks.set(own, task);
  }
  return task;
}

/** Tasks that have not started are the scheduler's again, and further ones are refused. */
export const takesNoWork = ({ state }: Core): boolean =>
  state.closing || state.pausedFor.has("disk");

/** Still wanted although nobody asked us to compute it. */
export const isWanted = (task: Task): boolean =>
  task.replica || task.dependents !== null || task.askings !== null;
