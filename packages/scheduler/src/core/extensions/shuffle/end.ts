// A run of a shuffle ends: its workers drop their parts at once. What follows for its tasks comes
// at the end of the step (restart.ts), because this is called from within transitions.
// Corresponds to transition, _fail_on_workers and _clean_on_scheduler of dask's shuffle plugin.
import type { WorkerAddress } from "@acme/protocol";
import { flag, type Task, type TaskStateName } from "../../task.js";
import { type Turn, toWorker } from "../../turn.js";
import { type Shuffle, shuffleOf } from "./shuffles.js";

/** The barrier of a run that is going on has changed its state. */
export function barrierMoved(turn: Turn, barrier: Task, from: TaskStateName): void {
  const to = barrier.state;
  if (to !== "released" && to !== "erred" && to !== "forgotten") return;
  // Placed anew, which takes nothing from the run.
  if (to === "released" && (from === "queued" || from === "no-worker")) return;
  const id = shuffleOf(barrier.key);
  const shuffle = id === null ? undefined : turn.state.shuffles.active.get(id);
  if (shuffle?.barrier === barrier) endShuffle(turn, shuffle, "it is over");
}

/** A worker is gone: every run that it has a part in is over. */
export function endShufflesOf(turn: Turn, address: WorkerAddress): void {
  const { active } = turn.state.shuffles;
  if (active.size === 0) return;
  for (const shuffle of [...active.values()]) {
    if (!shuffle.participants.has(address)) continue;
    endShuffle(turn, shuffle, `worker ${address} left`);
  }
}

export function endShuffle(turn: Turn, shuffle: Shuffle, why: string): void {
  const { shuffles, workers } = turn.state;
  const { id, runId } = shuffle;
  shuffles.active.delete(id);
  shuffles.ended.push(shuffle);
  shuffle.barrier.flags &= ~flag.barrier;
  const message = `shuffle ${id}, run ${runId}, ended: ${why}`;
  const order = { op: "shuffle-fail" as const, shuffle_id: id, run_id: runId, message };
  for (const address of shuffle.participants) {
    const worker = workers.get(address);
    if (worker !== undefined) toWorker(turn, worker, order);
  }
}
