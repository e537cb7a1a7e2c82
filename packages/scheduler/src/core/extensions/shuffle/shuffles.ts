// The P2P shuffles that are going on, as data. One exists from the first task that asks for it
// until its barrier task leaves memory; a worker that is lost ends the run, and the next task that
// asks begins another. Corresponds to SchedulerShuffleState of dask's shuffle plugin.
import { type Pickled, type TaskKey, taskKey, type WorkerAddress } from "@acme/protocol";
import type { RequestId } from "../../events.js";
import type { SchedulerState } from "../../state.js";
import type { Task } from "../../task.js";

/** One run of a shuffle. */
export interface Shuffle {
  id: string;
  /** Larger than that of every earlier run. */
  runId: number;
  barrier: Task;
  /** What workers make their part of it from; only Python can read it. */
  runSpec: Pickled;
  /** Which worker gets which partition; only Python can read it. */
  workerFor: Uint8Array;
  /** Who has a part of it, or asked for it. */
  participants: Set<WorkerAddress>;
  /** Tasks that were bound to the worker that has their partition. */
  pinned: Set<Task>;
  /** Bytes that each worker received, as its heartbeats say. */
  received: Map<WorkerAddress, number>;
}

/** A run that a Python peer is asked to lay out, and who waits for it. */
export interface ShufflePlan {
  id: string;
  /** 0: not asked for yet, a shuffle with the same outputs is being laid out. */
  planId: number;
  barrier: Task;
  askers: { requestId: RequestId; worker: WorkerAddress }[];
}

export interface Shuffles {
  active: Map<string, Shuffle>;
  plans: Map<string, ShufflePlan>;
  /** Runs that ended in this step; empty between steps. */
  ended: Shuffle[];
  runs: number;
  /** Small shuffles side by side begin at different workers. */
  shift: number;
}

export const newShuffles = (): Shuffles => ({
  active: new Map(),
  plans: new Map(),
  ended: [],
  runs: 0,
  shift: 0,
});

/** Have a Python peer decide who gets which partition; an errand, answered by `shuffle-planned`. */
export interface PlanShuffle {
  planId: number;
  runId: number;
  /** The run spec of the barrier task, which holds the spec of the shuffle. */
  barrier: Pickled;
  workers: WorkerAddress[];
  /** Partitions of shuffles with the same outputs: these are where they are. */
  aligned: Uint8Array[];
}

/** The answer to {@link PlanShuffle}. */
export interface PlannedShuffle {
  runSpec: Pickled;
  workerFor: Uint8Array;
  participants: string[];
}

const prefix = "shuffle-barrier-";

export function barrierOf(state: SchedulerState, id: string): Task | undefined {
  return state.tasks.get(taskKey(prefix + id));
}

/** The shuffle that a key is the barrier of, or null. */
export function shuffleOf(key: TaskKey): string | null {
  return key.startsWith(prefix) ? key.slice(prefix.length) : null;
}
