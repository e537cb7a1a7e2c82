// Copies of values until so many workers hold each: a tree, in which every copy made is a source of
// the next ones, and fewer where there are more. Corresponds to replicate of dask's Scheduler.
import type { TaskKey, WorkerAddress } from "@acme/protocol";
import { isRunning } from "../buckets.js";
import type { CoreRequest, RequestId } from "../events.js";
import { coreLimits } from "../limits.js";
import type { ParkedCopies, ReplicateJob } from "../parked.js";
import { randomBelow } from "../random.js";
import { each, has, sizeOf } from "../relations.js";
import { isOriginal } from "../replicas.js";
import type { SchedulerState } from "../state.js";
import type { Task } from "../task.js";
import { refuse, reply, stimulate, type Turn } from "../turn.js";
import { named } from "../view.js";
import type { WorkerState } from "../worker-state.js";
import { announce } from "./announce.js";
import { callForCopies, callToDrop, parkCopies } from "./copies.js";
import { heldTasks } from "./held-tasks.js";

type Replicate = Extract<CoreRequest, { op: "replicate" }>;

export function replicate(turn: Turn, requestId: RequestId, request: Replicate): void {
  const { state } = turn;
  stimulate(turn, "replicate");
  const all =
    request.workers === undefined ? state.workers.values() : named(state, request.workers);
  const workers = [...all].filter(isRunning);
  const copies = Math.min(request.n ?? workers.length, workers.length);
  const branching = request.branching_factor ?? 2;
  if (copies <= 0 || branching <= 0) {
    const wrong = branching <= 0 ? "branching_factor must be positive" : noDelete;
    refuse(turn, requestId, wrong, "ValueError");
    return;
  }
  const { tasks, missing } = heldTasks(state, request.keys);
  if (missing.length > 0) {
    reply(turn, requestId, { status: "partial-fail", keys: missing });
    return;
  }
  const job: ReplicateJob = {
    type: "replicate",
    keys: new Set(tasks.map(({ key }) => key)),
    workers: workers.map(({ address }) => address),
    copies,
    branching,
    roundsLeft: coreLimits.replicateRounds,
    untranslatable: new Set(),
  };
  const parked = parkCopies(turn, requestId, job);
  if (parked === null) return;
  if (request.delete !== false) dropSurplus(turn, parked, job, tasks);
  if (parked.calls.size === 0) nextRound(turn, parked, job);
}

const noDelete = "Can not use replicate to delete data";

function dropSurplus(
  turn: Turn,
  parked: ParkedCopies,
  job: ReplicateJob,
  tasks: readonly Task[],
): void {
  const dropping = new Map<WorkerState, Task[]>();
  for (const task of tasks) {
    const holders = eligible(turn.state, job, task).filter((one) => has(task.whoHas, one));
    const isTranslation = (one: WorkerState) => !isOriginal(task, one);
    const surplus = holders.length - job.copies;
    for (const worker of sample(turn.state, holders, surplus, isTranslation)) {
      addTo(dropping, worker, task);
    }
  }
  for (const [worker, surplus] of dropping) callToDrop(turn, parked, worker, surplus);
}

/** Asks for what is missing still; answers when nothing is. */
export function nextRound(turn: Turn, parked: ParkedCopies, job: ReplicateJob): void {
  const { state } = turn;
  const asks = new Map<WorkerState, Task[]>();
  for (const key of job.keys) {
    const task = state.tasks.get(key);
    if (task === undefined || task.whoHas === null) {
      job.keys.delete(key);
      continue;
    }
    const workers = eligible(state, job, task);
    const without = workers.filter((one) => !has(task.whoHas, one));
    const held = workers.length - without.length;
    const absent = Math.min(job.copies, workers.length) - held;
    if (absent <= 0) job.keys.delete(key);
    const sources = sizeOf(task.whoHas) * job.branching;
    const count = Math.min(absent, sources);
    const langs = langsOf(task);
    const isOwn = (one: WorkerState) => langs.has(one.lang) && isOriginal(task, one);
    for (const to of sample(state, without, count, isOwn)) addTo(asks, to, task);
  }
  if (asks.size > 0 && job.roundsLeft > 0) {
    job.roundsLeft -= 1;
    for (const [worker, tasks] of asks) callForCopies(turn, parked, worker, tasks);
    return;
  }
  state.parked.delete(parked.requestId);
  announce(turn, ["all"], "replicate", { workers: job.workers, "branching-factor": job.branching });
  if (asks.size === 0) reply(turn, parked.requestId, null);
  else refuse(turn, parked.requestId, tooOften(job.keys), "RuntimeError");
}

const tooOften = (keys: ReadonlySet<TaskKey>): string =>
  `${keys.size} values could not be copied as often as wanted: their holders or the workers that ` +
  "were to take them did not answer. See their logs, and try again.";

/** A copy did not arrive: a worker of another language may have no form for the value. */
export function notCopied(turn: Turn, job: ReplicateJob, key: TaskKey, address: string): void {
  const task = turn.state.tasks.get(key);
  const worker = turn.state.workers.get(address as WorkerAddress);
  if (task === undefined || worker === undefined) return;
  if (!langsOf(task).has(worker.lang)) job.untranslatable.add(key);
}

const langsOf = (task: Task): Set<string> =>
  new Set(Array.from(each(task.whoHas), ({ lang }) => lang));

/** Workers that may hold the value. */
function eligible(state: SchedulerState, job: ReplicateJob, task: Task): WorkerState[] {
  const langs = langsOf(task);
  const isAny = !job.untranslatable.has(task.key);
  return job.workers.flatMap((address) => {
    const worker = state.workers.get(address);
    if (worker === undefined || !isRunning(worker)) return [];
    return isAny || langs.has(worker.lang) ? [worker] : [];
  });
}

function addTo(map: Map<WorkerState, Task[]>, worker: WorkerState, task: Task): void {
  const tasks = map.get(worker);
  if (tasks === undefined) map.set(worker, [task]);
  else tasks.push(task);
}

/** So many of them, by chance, but the better ones first. */
function sample<T>(
  state: SchedulerState,
  items: readonly T[],
  count: number,
  isBetter: (item: T) => boolean,
): T[] {
  const chosen: T[] = [];
  for (const left of [items.filter(isBetter), items.filter((item) => !isBetter(item))]) {
    while (chosen.length < count && left.length > 0) {
      chosen.push(...left.splice(randomBelow(state, left.length), 1));
    }
  }
  return chosen;
}
