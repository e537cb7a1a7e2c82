// Who is to blame when a process dies: only a task that was alone in it. Tasks that were in flight
// on a lost worker become suspects and run alone from then on; deaths count only while alone.

import { coreLimits } from "./limits.js";
import { killedWorker, type LastDeath } from "./scheduler-errors.js";
import { flag, isSet, rareOf, type Task } from "./task.js";
import { recommend } from "./transitions/engine.js";
import { log, type Turn } from "./turn.js";
import type { WorkerState } from "./worker-state.js";

/** A worker was lost unexpectedly with this task in flight on it. */
export function workerDied(turn: Turn, task: Task, worker: WorkerState): void {
  const rare = rareOf(task);
  const seceded = isSet(task, flag.suspect) && task.flight?.longRunning === true;
  if (task.flight?.isolated === true || seceded) {
    // Its own process could not have taken the worker down, or others were there; but if it
    // happens again and again …
    rare.losses += 1;
    if (rare.losses > coreLimits.isolatedLosses) {
      giveUp(turn, task, worker);
      return;
    }
  } else if (worker.reservedFor === task) {
    rare.deaths += 1;
    if (rare.deaths > turn.state.settings.allowedFailures) {
      giveUp(turn, task, worker);
      return;
    }
  }
  task.flags |= flag.suspect;
  recommend(turn, task, "released");
}

/** The executor died with this task, and the worker lived to tell. */
export function executorDied(turn: Turn, task: Task, worker: WorkerState, last: LastDeath): void {
  const rare = rareOf(task);
  rare.deaths += 1;
  if (rare.deaths > turn.state.settings.allowedFailures) {
    // It remembers the error until it is told to forget it.
    rare.erredOn = [...(rare.erredOn ?? []), worker.address];
    giveUp(turn, task, worker, last);
    return;
  }
  task.flags |= flag.suspect;
  recommend(turn, task, "released");
}

function giveUp(
  turn: Turn,
  task: Task,
  worker: WorkerState,
  last: LastDeath = { death: "gone" },
): void {
  const rare = rareOf(task);
  const deaths = rare.deaths + rare.losses;
  rare.blame = task;
  rare.exception = killedWorker(task, worker, deaths, last);
  rare.exceptionText = String(rare.exception.header.get("message"));
  task.flags &= ~flag.suspect;
  log(turn, { level: "warn", event: "killed-worker", text: rare.exceptionText, key: task.key });
  recommend(turn, task, "erred");
}
