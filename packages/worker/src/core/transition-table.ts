// Which state of a task may follow which. dask's table, with what its recommendations do in two
// moves written as two moves (through `released`), and with three edges of our own: an order
// that was handed over may come back unstarted (executing to ready or constrained), and a run
// that was aborted is waited for by the task that comes after it (resumed to waiting).
import type { TaskState } from "./task.js";

/** For each state, the states that may follow it. */
export const transitionTable: Readonly<Record<TaskState, ReadonlySet<TaskState>>> = {
  released: edges("waiting", "fetch", "missing", "memory", "forgotten"),
  waiting: edges("ready", "constrained", "released"),
  constrained: edges("executing", "released"),
  ready: edges("executing", "released"),
  executing: edges(
    "memory",
    "error",
    "long-running",
    "rescheduled",
    "cancelled",
    "ready",
    "constrained",
    "released",
  ),
  "long-running": edges("memory", "error", "rescheduled", "cancelled"),
  fetch: edges("flight", "released"),
  flight: edges("memory", "released", "cancelled"),
  missing: edges("released"),
  memory: edges("released"),
  error: edges("released"),
  cancelled: edges("released", "executing", "long-running", "flight", "resumed"),
  resumed: edges("memory", "released", "cancelled", "executing", "long-running"),
  rescheduled: edges("released"),
  forgotten: edges(),
};

function edges(...states: TaskState[]): ReadonlySet<TaskState> {
  return new Set(states);
}
