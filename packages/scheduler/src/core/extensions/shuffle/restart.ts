// What the end of a run means for its tasks: those that were bound to workers are free again, and
// if the barrier is still needed the shuffle starts from its inputs, all of it, since part of what
// a run moved is of no use to the next. Corresponds to _restart_shuffle of dask's shuffle plugin.
import { taskKey, type WorkerAddress } from "@acme/protocol";
import type { CoreRequest, RequestId } from "../../events.js";
import { each } from "../../relations.js";
import { setRestrictions } from "../../restrictions.js";
import { rareOf, type Task } from "../../task.js";
import { logEvent } from "../../topics.js";
import { isNeeded } from "../../transitions/active.js";
import { recommend, settle } from "../../transitions/engine.js";
import { log, reply, stimulate, type Turn } from "../../turn.js";
import { turnDown } from "./errors.js";
import { refuseBarriers } from "./inputs-done.js";
import type { Shuffle } from "./shuffles.js";

type Restrict = Extract<CoreRequest, { op: "shuffle_restrict_task" }>;

/** Binds an output task to the worker that has its partition; it is given back after this. */
export function restrictTask(turn: Turn, requestId: RequestId, request: Restrict): void {
  const { state } = turn;
  const { id, run_id: runId, key, worker } = request;
  const shuffle = state.shuffles.active.get(id);
  if (shuffle === undefined || shuffle.runId !== runId) {
    const now = shuffle === undefined ? "none is active" : `run ${shuffle.runId} is active`;
    turnDown(turn, requestId, `run ${runId} of shuffle ${id} is over: ${now}`);
    return;
  }
  const task = state.tasks.get(taskKey(key));
  if (task === undefined || !state.workers.has(worker as WorkerAddress)) {
    turnDown(turn, requestId, `the task or its worker ${worker} is gone`);
    return;
  }
  pin(turn, shuffle, task, worker);
  reply(turn, requestId, { status: "OK" });
}

function pin(turn: Turn, shuffle: Shuffle, task: Task, worker: string): void {
  shuffle.pinned.add(task);
  const rare = rareOf(task);
  // Shuffles with the same outputs agree about where these are.
  if (rare.workersBefore !== undefined) return;
  rare.workersBefore = task.constraint.spec.workers ?? null;
  setRestrictions(turn, new Map([[task.wire, [worker]]]));
}

function unpin(turn: Turn, shuffle: Shuffle): void {
  const before = new Map<Task["wire"], readonly string[] | null>();
  for (const task of shuffle.pinned) {
    const workers = task.rare?.workersBefore;
    if (task.state === "forgotten" || workers === undefined) continue;
    rareOf(task).workersBefore = undefined;
    before.set(task.wire, workers);
  }
  shuffle.pinned.clear();
  if (before.size > 0) setRestrictions(turn, before);
}

/** Once per step, before tasks are placed. */
export function finishShuffles(turn: Turn): void {
  const { shuffles } = turn.state;
  // Starting one again may end another.
  while (shuffles.ended.length > 0) {
    const { ended } = shuffles;
    shuffles.ended = [];
    stimulate(turn, "shuffle-ended");
    for (const shuffle of ended) {
      refuseBarriers(turn, shuffle);
      unpin(turn, shuffle);
    }
    for (const shuffle of ended) conclude(turn, shuffle);
  }
}

function conclude(turn: Turn, { id, runId, barrier }: Shuffle): void {
  if (barrier.state === "erred") {
    const event = new Map<string, unknown>([
      ["action", "p2p-failed"],
      ["shuffle", id],
      ["stimulus", turn.stimulus],
    ]);
    logEvent(turn, "p2p", event);
    return;
  }
  if (barrier.state === "forgotten" || !isNeeded(barrier)) return;
  for (const output of each(barrier.dependents)) if (output.state === "erred") return;
  const text = `shuffle ${id} starts again: run ${runId} was lost`;
  log(turn, { level: "warn", event: "shuffle-restarted", text });
  for (const output of each(barrier.dependents)) recommend(turn, output, "released");
  recommend(turn, barrier, "released");
  for (const input of each(barrier.dependencies)) recommend(turn, input, "released");
  settle(turn);
}
