// Drops copies that nobody needs any more, on a clock: what a worker fetched for one task stays
// there otherwise as long as the value is wanted anywhere. Never the last copy, nor one that a
// running task may be about to use. Corresponds to dask's active memory manager with its policy
// ReduceReplicas; only values that Python workers hold are looked at.
import { isRunning } from "../buckets.js";
import { coreLimits } from "../limits.js";
import { each, sizeOf } from "../relations.js";
import { isOriginal, removeReplica } from "../replicas.js";
import { flag, isSet, type Task } from "../task.js";
import { isActive } from "../transitions/active.js";
import { stimulate, type Turn, toWorker, wakeBy } from "../turn.js";
import type { WorkerState } from "../worker-state.js";
import { lastingBytes } from "./process-memory.js";

/** What client.amm says and asks. */
export function manageMemory(
  turn: Turn,
  method: "start" | "stop" | "run_once" | "running",
): boolean | null {
  const { memoryManager } = turn.state;
  if (method === "running") return memoryManager.isRunning;
  if (method === "run_once") reduceReplicas(turn);
  else memoryManager.isRunning = method === "start";
  return null;
}

/** Looks now and then, as long as there are copies. */
export function tendReplicas(turn: Turn): void {
  const { memoryManager, replicated } = turn.state;
  if (!memoryManager.isRunning || replicated.size === 0) {
    memoryManager.nextMs = Number.POSITIVE_INFINITY;
    return;
  }
  if (memoryManager.nextMs > turn.nowMs + coreLimits.memoryManagerMs) {
    memoryManager.nextMs = turn.nowMs + coreLimits.memoryManagerMs;
  }
  if (turn.nowMs >= memoryManager.nextMs) {
    reduceReplicas(turn);
    memoryManager.nextMs = turn.nowMs + coreLimits.memoryManagerMs;
  }
  wakeBy(turn, memoryManager.nextMs);
}

function reduceReplicas(turn: Turn): void {
  const memory = new Map<WorkerState, number>();
  const dropping = new Map<WorkerState, Task[]>();
  for (const task of [...turn.state.replicated]) {
    let surplus = sizeOf(task.whoHas) - Math.max(1, copiesInUse(task));
    for (; surplus > 0; surplus--) {
      const worker = chooseDropper(task, memory);
      if (worker === null) break;
      memory.set(worker, Math.max(0, memoryOf(memory, worker) - Math.max(0, task.nbytes)));
      removeReplica(turn, task, worker);
      const tasks = dropping.get(worker);
      if (tasks === undefined) dropping.set(worker, [task]);
      else tasks.push(task);
    }
  }
  if (dropping.size === 0) return;
  const stimulus_id = stimulate(turn, "active_memory_manager");
  for (const [worker, tasks] of dropping) {
    toWorker(turn, worker, {
      op: "remove-replicas",
      keys: tasks.map((task) => task.wire),
      stimulus_id,
    });
  }
}

/** One for each dependent that has no worker yet, and for each worker that runs some. */
function copiesInUse(task: Task): number {
  if (task.waiters <= 1 || task.waiters >= coreLimits.waitersCounted) return task.waiters;
  const users = new Set<object>();
  for (const dependent of each(task.dependents)) {
    if (isActive(dependent.state)) users.add(dependent.flight?.worker ?? dependent);
  }
  return users.size;
}

/** Who may drop its copy: translations and leaving workers first, then the one with the fullest memory. */
function chooseDropper(task: Task, memory: Map<WorkerState, number>): WorkerState | null {
  if (sizeOf(task.whoHas) < 2 || isSet(task, flag.actor)) return null;
  const busy = new Set<WorkerState>();
  for (const dependent of each(task.dependents)) {
    if (dependent.flight !== null) busy.add(dependent.flight.worker);
  }
  let originals = 0;
  for (const holder of each(task.whoHas)) if (isOriginal(task, holder)) originals += 1;
  let best: WorkerState | null = null;
  let candidates = 0;
  let busyHolders = 0;
  let runningBusy = 0;
  for (const holder of each(task.whoHas)) {
    if (busy.has(holder)) {
      busyHolders += 1;
      if (isRunning(holder)) runningBusy += 1;
      continue;
    }
    candidates += 1;
    if (originals === 1 && isOriginal(task, holder)) continue;
    if (best === null || isBetter(task, holder, best, memory)) best = holder;
  }
  // The others leave or are paused: this is the copy that stays.
  const isOnlyGoodOne = candidates === 1 && busyHolders > 0 && runningBusy === 0;
  return best !== null && isOnlyGoodOne && isRunning(best) ? null : best;
}

function isBetter(
  task: Task,
  one: WorkerState,
  other: WorkerState,
  memory: Map<WorkerState, number>,
): boolean {
  if (isOriginal(task, one) !== isOriginal(task, other)) return isOriginal(task, other);
  return isFuller(one, other, memory);
}

function isFuller(one: WorkerState, other: WorkerState, memory: Map<WorkerState, number>): boolean {
  if (isRunning(one) !== isRunning(other)) return isRunning(other);
  return memoryOf(memory, one) > memoryOf(memory, other);
}

function memoryOf(memory: Map<WorkerState, number>, worker: WorkerState): number {
  const known = memory.get(worker);
  if (known !== undefined) return known;
  const bytes = lastingBytes(worker);
  memory.set(worker, bytes);
  return bytes;
}
