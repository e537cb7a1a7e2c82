// The state in one look, for a page that asks again every second: totals, functions, workers, and
// what was logged last. Reads kept counters and never walks over tasks; long lists are cut short.
import { byName } from "./counters.js";
import { listShuffles, type ShuffleStatus } from "./extensions/shuffle/progress.js";
import type { TaskPrefix } from "./groups.js";
import { coreLimits } from "./limits.js";
import type { Notice } from "./notices.js";
import type { SchedulerState } from "./state.js";
import type { TaskStateName } from "./task.js";
import { codeOf } from "./transitions/table.js";
import type { WorkerState } from "./worker-state.js";

type StateCounts = Record<TaskStateName, number>;

/** Live tasks of one function (dask's prefix). */
export interface FunctionStatus {
  name: string;
  states: StateCounts;
  /** Tasks made since the function last had none. */
  made: number;
  /** Of these, tasks that failed; one that is tried again and fails again counts again. */
  failed: number;
  /** Of these, tasks that neither have a result nor failed, and are still wanted. */
  open: number;
  /** Average of one run; null as long as none has ended. */
  durationMs: number | null;
}

export interface WorkerStatus {
  address: string;
  name: string;
  status: string;
  threads: number;
  /** Tasks given to it, and what it says of them itself. */
  processing: number;
  executing: number;
  ready: number;
  /** Of the worker's processes; null as long as it has not said. */
  memoryBytes: number | null;
  memoryLimitBytes: number | null;
  heldBytes: number;
  spilledBytes: number;
  lastSeenMs: number;
}

export interface Status {
  id: string;
  startedMs: number;
  clients: number;
  threads: number;
  workerCount: number;
  functionCount: number;
  tasks: StateCounts;
  /** Tasks that ended since the start, forgotten or not. */
  ended: { finished: number; erred: number };
  /** Sums over all workers, whether listed or not; the limit is null if a worker has none. */
  memory: { usedBytes: number; heldBytes: number; spilledBytes: number; limitBytes: number | null };
  functions: FunctionStatus[];
  workers: WorkerStatus[];
  /** P2P shuffles that go on; as many as workers are listed. */
  shuffles: ShuffleStatus[];
  /** Latest first. */
  notices: Notice[];
}

export function status(state: SchedulerState): Status {
  const { functions, functionCount } = functionsOf(state);
  const { workers, memory } = workersOf(state);
  const { notices } = coreLimits;
  return {
    id: state.settings.id,
    startedMs: state.settings.startedMs,
    clients: state.clients.size,
    threads: state.totalThreads,
    workerCount: state.workers.size,
    functionCount,
    tasks: state.counters.states,
    ended: { finished: state.counters.finished, erred: state.counters.erred },
    memory,
    functions,
    workers,
    shuffles: listShuffles(state, coreLimits.statusWorkers),
    notices: state.notices
      .slice(-notices)
      .reverse()
      .map((notice) => ({ ...notice, text: notice.text.slice(0, coreLimits.statusText) })),
  };
}

/** Those with the most to do come first, then the largest. */
function functionsOf(state: SchedulerState): Pick<Status, "functions" | "functionCount"> {
  const live = [...state.prefixes.values()].filter((prefix) => prefix.size > 0);
  live.sort((a, b) => openTasks(b) - openTasks(a) || b.size - a.size || (a.name < b.name ? -1 : 1));
  return {
    functionCount: live.length,
    functions: live.slice(0, coreLimits.statusFunctions).map((prefix) => ({
      name: prefix.name.slice(0, coreLimits.statusText),
      states: byName(prefix.states),
      made: prefix.made,
      failed: prefix.failed,
      open: openTasks(prefix),
      durationMs: prefix.durationUs < 0 ? null : prefix.durationUs / 1000,
    })),
  };
}

const openCodes = (["waiting", "no-worker", "queued", "processing"] as const).map(codeOf);

function openTasks({ states }: TaskPrefix): number {
  let open = 0;
  for (const code of openCodes) open += states[code] as number;
  return open;
}

function workersOf(state: SchedulerState): Pick<Status, "workers" | "memory"> {
  const memory: Status["memory"] = { usedBytes: 0, heldBytes: 0, spilledBytes: 0, limitBytes: 0 };
  const workers: WorkerStatus[] = [];
  for (const worker of state.workers.values()) {
    const one = workerStatus(worker);
    memory.usedBytes += one.memoryBytes ?? 0;
    memory.heldBytes += one.heldBytes;
    memory.spilledBytes += one.spilledBytes;
    // A share of an unknown total would tell nothing.
    if (one.memoryLimitBytes === null) memory.limitBytes = null;
    else if (memory.limitBytes !== null) memory.limitBytes += one.memoryLimitBytes;
    if (workers.length < coreLimits.statusWorkers) workers.push(one);
  }
  return { workers, memory };
}

function workerStatus(worker: WorkerState): WorkerStatus {
  const { metrics } = worker;
  const counts = metrics.get("task_counts");
  return {
    address: worker.address,
    name: String(worker.name).slice(0, coreLimits.statusText),
    status: worker.leaving ? "closing_gracefully" : worker.status,
    threads: worker.nthreads,
    processing: worker.processing.size,
    executing: numberIn(counts, "executing") ?? 0,
    ready: numberIn(counts, "ready") ?? 0,
    memoryBytes: numberIn(metrics, "memory"),
    memoryLimitBytes: worker.memoryLimitBytes === 0 ? null : worker.memoryLimitBytes,
    heldBytes: worker.heldBytes,
    spilledBytes: numberIn(metrics.get("spilled_bytes"), "disk") ?? 0,
    lastSeenMs: worker.lastSeenMs,
  };
}

/** What a peer says of itself may be anything. */
function numberIn(map: unknown, name: string): number | null {
  const value = map instanceof Map ? (map.get(name) as unknown) : null;
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
