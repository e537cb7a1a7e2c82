// Moves values so that workers hold about the same: copies first, and only what has arrived is
// dropped where it was. Which ones, rebalance-plan.ts decides. Corresponds to rebalance of dask's
// Scheduler.
import { type TaskKey, wireKey } from "@acme/protocol";
import type { CoreRequest, RequestId } from "../events.js";
import type { ParkedCopies, RebalanceJob } from "../parked.js";
import type { SchedulerState } from "../state.js";
import type { Task } from "../task.js";
import { reply, stimulate, type Turn } from "../turn.js";
import { named } from "../view.js";
import type { WorkerState } from "../worker-state.js";
import { announce } from "./announce.js";
import { callForCopies, callToDrop, parkCopies } from "./copies.js";
import { heldTasks } from "./held-tasks.js";
import { type Move, planMoves } from "./rebalance-plan.js";

type Rebalance = Extract<CoreRequest, { op: "rebalance" }>;

const ok = { status: "OK" } as const;

export function rebalance(turn: Turn, requestId: RequestId, request: Rebalance): void {
  const { state } = turn;
  stimulate(turn, "rebalance");
  let only: Set<Task> | null = null;
  if (request.keys !== undefined) {
    const { tasks, missing } = heldTasks(state, request.keys);
    if (missing.length > 0) {
      reply(turn, requestId, { status: "partial-fail", keys: missing });
      return;
    }
    only = new Set(tasks);
  }
  const moves = only?.size === 0 ? [] : planned(state, request.workers, only);
  if (moves.length === 0) {
    reply(turn, requestId, ok);
    return;
  }
  const job: RebalanceJob = {
    type: "rebalance",
    moves: moves.map(({ task, from, to }) => ({
      key: task.key,
      from: from.address,
      to: to.address,
    })),
    failed: new Set(),
    isNamed: request.keys !== undefined,
    isDropping: false,
  };
  const parked = parkCopies(turn, requestId, job);
  if (parked === null) return;
  for (const [to, tasks] of grouped(moves, ({ to }) => to)) callForCopies(turn, parked, to, tasks);
}

/** Values of Python and ours lie on workers of their own. */
function planned(
  state: SchedulerState,
  workers: readonly string[] | undefined,
  only: ReadonlySet<Task> | null,
): Move[] {
  const all = workers === undefined ? [...state.workers.values()] : named(state, workers);
  const kinds = [all.filter(({ acme }) => acme > 0), all.filter(({ acme }) => acme === 0)];
  return kinds.flatMap((kind) => (kind.length === 0 ? [] : planMoves(kind, only)));
}

/** All of its calls are answered: what has arrived is dropped where it was, then it is done. */
export function nextOfRebalance(turn: Turn, parked: ParkedCopies, job: RebalanceJob): void {
  const { state } = turn;
  if (!job.isDropping) {
    job.isDropping = true;
    for (const [from, tasks] of grouped(arrived(state, job), (move) => move.from)) {
      callToDrop(turn, parked, from, tasks);
    }
    if (parked.calls.size > 0) return;
  }
  state.parked.delete(parked.requestId);
  announce(turn, ["all"], "rebalance", { moved_keys: job.moves.length });
  const keys = Array.from(job.failed, (key) => wireKey(key as TaskKey));
  const isToldOf = job.isNamed && keys.length > 0;
  reply(turn, parked.requestId, isToldOf ? { status: "partial-fail", keys } : ok);
}

function arrived(state: SchedulerState, job: RebalanceJob): Move[] {
  return job.moves.flatMap(({ key, from, to }) => {
    const task = state.tasks.get(key);
    const sender = state.workers.get(from);
    const recipient = state.workers.get(to);
    if (task === undefined || sender === undefined || recipient === undefined) return [];
    if (job.failed.has(key) || !recipient.hasWhat.has(task)) return [];
    return [{ task, from: sender, to: recipient }];
  });
}

function grouped(
  moves: readonly Move[],
  by: (move: Move) => WorkerState,
): Map<WorkerState, Task[]> {
  const groups = new Map<WorkerState, Task[]>();
  for (const move of moves) {
    const worker = by(move);
    const tasks = groups.get(worker);
    if (tasks === undefined) groups.set(worker, [move.task]);
    else tasks.push(move.task);
  }
  return groups;
}
