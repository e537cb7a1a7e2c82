// Workers ask for their part of a shuffle. The first one sets off a run: a Python peer opens the
// spec and says who gets which partition, everybody who asks meanwhile waits. Corresponds to get,
// get_or_create and _calculate_worker_for of dask's shuffle plugin.
import { taskKey, type WorkerAddress } from "@acme/protocol";
import { begin } from "../../errands/assign.js";
import type { CoreRequest, RequestId } from "../../events.js";
import { ForeignSlab } from "../../foreign-graph.js";
import { coreLimits } from "../../limits.js";
import { validWorkers } from "../../open-workers.js";
import { each } from "../../relations.js";
import { flag, type Task } from "../../task.js";
import { log, reply, type Turn } from "../../turn.js";
import { turnDown } from "./errors.js";
import {
  barrierOf,
  type PlannedShuffle,
  type Shuffle,
  type ShufflePlan,
  shuffleOf,
} from "./shuffles.js";

type Get = Extract<CoreRequest, { op: "shuffle_get" }>;
type GetOrCreate = Extract<CoreRequest, { op: "shuffle_get_or_create" }>;

export function getShuffle(turn: Turn, requestId: RequestId, { id, worker }: Get): void {
  const shuffle = turn.state.shuffles.active.get(id);
  if (!turn.state.workers.has(worker as WorkerAddress)) {
    turnDown(turn, requestId, `no worker ${worker} is registered`);
  } else if (shuffle === undefined) {
    turnDown(turn, requestId, `there is no active shuffle ${id}`);
  } else handOut(turn, shuffle, requestId, worker as WorkerAddress);
}

export function getOrCreateShuffle(turn: Turn, requestId: RequestId, request: GetOrCreate): void {
  const { shuffles, workers } = turn.state;
  const { shuffle_id: id } = request;
  const worker = request.worker as WorkerAddress;
  const active = shuffles.active.get(id);
  if (!workers.has(worker)) {
    turnDown(turn, requestId, `no worker ${worker} is registered`);
    return;
  }
  if (active !== undefined) {
    handOut(turn, active, requestId, worker);
    return;
  }
  const barrier = barrierOf(turn.state, id);
  const why = whyNot(turn, request, barrier);
  if (why !== null || barrier === undefined) {
    turnDown(turn, requestId, why ?? "");
    return;
  }
  const known = shuffles.plans.get(id);
  const plan = known ?? { id, planId: 0, barrier, askers: [] };
  plan.askers.push({ requestId, worker });
  if (known !== undefined) return;
  shuffles.plans.set(id, plan);
  ask(turn, plan);
}

function whyNot(turn: Turn, request: GetOrCreate, barrier: Task | undefined): string | null {
  const { shuffles, tasks } = turn.state;
  const { shuffle_id: id } = request;
  if (barrier === undefined) {
    return `the barrier task of shuffle ${id} does not exist; was it fused with another?`;
  }
  const asking = tasks.get(taskKey(request.key));
  if (asking?.state !== "processing") {
    return `the task that asks for shuffle ${id} is ${asking?.state ?? "forgotten"}`;
  }
  const most = coreLimits.shuffles;
  const isNew = !shuffles.plans.has(id);
  return isNew && shuffles.active.size + shuffles.plans.size >= most
    ? `there are ${most} shuffles already`
    : null;
}

function handOut(turn: Turn, shuffle: Shuffle, requestId: RequestId, worker: WorkerAddress): void {
  shuffle.participants.add(worker);
  reply(turn, requestId, { status: "OK", run_spec: shuffle.runSpec });
}

/** Asks for the layout, unless that of a shuffle with the same outputs is on its way. */
function ask(turn: Turn, plan: ShufflePlan): void {
  const { shuffles } = turn.state;
  const { spec } = plan.barrier;
  plan.planId = 0;
  if (!(spec instanceof ForeignSlab)) {
    giveUp(turn, plan, `the barrier task of shuffle ${plan.id} is not a Python task`);
    return;
  }
  const aligned: Uint8Array[] = [];
  for (const id of partnersOf(plan.barrier)) {
    const other = shuffles.plans.get(id);
    if (other !== undefined && other.planId > 0) return;
    const active = shuffles.active.get(id);
    if (active !== undefined) aligned.push(active.workerFor);
  }
  const workers = workersFor(turn, plan.barrier);
  if (workers.length === 0) {
    giveUp(turn, plan, `no worker may take the output of shuffle ${plan.id}`);
    return;
  }
  shuffles.runs += 1;
  plan.planId = shuffles.runs;
  begin(turn, {
    type: "lay-out",
    plan: {
      planId: plan.planId,
      runId: plan.planId,
      barrier: spec.payload(plan.barrier.item),
      workers,
      aligned,
    },
  });
}

/** Other shuffles whose outputs the same tasks take, as in a join. */
function partnersOf(barrier: Task): Set<string> {
  const partners = new Set<string>();
  const seen = new Set<Task>([barrier]);
  for (const output of each(barrier.dependents)) {
    for (const other of each(output.dependencies)) {
      if (seen.has(other)) continue;
      seen.add(other);
      const id = shuffleOf(other.key);
      if (id !== null) partners.add(id);
    }
  }
  return partners;
}

// The barrier and the tasks behind it are restricted to the same workers.
function workersFor({ state }: Turn, barrier: Task): WorkerAddress[] {
  const workers = Array.from(validWorkers(state, barrier.constraint), ({ address }) => address);
  const { shuffles } = state;
  const shift = workers.length === 0 ? 0 : shuffles.shift % workers.length;
  shuffles.shift += 1;
  return [...workers.slice(shift), ...workers.slice(0, shift)];
}

/** A layout arrived, or could not be made. */
export function shufflePlanned(
  turn: Turn,
  planId: number,
  outcome: PlannedShuffle | { error: string },
): void {
  const { state } = turn;
  const plan = [...state.shuffles.plans.values()].find((one) => one.planId === planId);
  if (plan === undefined) return;
  const barrier = barrierOf(state, plan.id);
  if (barrier === undefined) {
    giveUp(turn, plan, `shuffle ${plan.id} is not wanted any more`);
  } else if (plan.barrier !== barrier || isStale(turn, outcome)) {
    plan.barrier = barrier;
    ask(turn, plan);
  } else if ("error" in outcome) {
    giveUp(turn, plan, `shuffle ${plan.id} could not be laid out: ${outcome.error}`);
  } else activate(turn, plan, outcome);
  askWaiting(turn);
}

/** A worker left while it was given partitions. */
const isStale = ({ state }: Turn, outcome: PlannedShuffle | { error: string }): boolean =>
  "participants" in outcome &&
  outcome.participants.some((one) => !state.workers.has(one as WorkerAddress));

function askWaiting(turn: Turn): void {
  for (const plan of [...turn.state.shuffles.plans.values()])
    if (plan.planId === 0) ask(turn, plan);
}

function giveUp(turn: Turn, plan: ShufflePlan, why: string): void {
  turn.state.shuffles.plans.delete(plan.id);
  for (const { requestId } of plan.askers) turnDown(turn, requestId, why);
}

function activate(turn: Turn, plan: ShufflePlan, planned: PlannedShuffle): void {
  const { shuffles, workers } = turn.state;
  const { id, barrier, planId } = plan;
  const shuffle: Shuffle = {
    id,
    runId: planId,
    barrier,
    runSpec: planned.runSpec,
    workerFor: planned.workerFor,
    participants: new Set(planned.participants as WorkerAddress[]),
    pinned: new Set(),
    received: new Map(),
  };
  shuffles.plans.delete(id);
  shuffles.active.set(id, shuffle);
  barrier.flags |= flag.barrier;
  // They are tried once only to learn where they belong: none of them is worth holding back.
  for (const output of each(barrier.dependents)) output.flags |= flag.unqueueable;
  for (const { requestId, worker } of plan.askers) {
    if (workers.has(worker)) handOut(turn, shuffle, requestId, worker);
    else turnDown(turn, requestId, `no worker ${worker} is registered`);
  }
  const text = `shuffle ${id} begins on ${shuffle.participants.size} workers, run ${planId}`;
  log(turn, { level: "info", event: "shuffle-started", text });
}
